/** Since when browsers have what the library uses, by MDN's compatibility tables. What is not here is not used. */

export type Engine = 'chrome' | 'firefox' | 'safari'
export type Since = Readonly<Record<Engine, number>>

const ALWAYS: Since = { chrome: 1, firefox: 1, safari: 1 }

function since(chrome: number, firefox: number, safari: number): Since {
  return { chrome, firefox, safari }
}

/** Looked for, and gone without where they are not. */
const OPTIONAL: Since = ALWAYS

/** Globals and their static members. `Array`, `JSON` and whatever else came with ES2017 or before needs no row. */
export const GLOBALS: Readonly<Record<string, Since>> = {
  AbortController: since(66, 57, 12.1),
  CloseEvent: OPTIONAL,
  DOMException: ALWAYS,
  Event: ALWAYS,
  // The constructor.
  EventTarget: since(64, 59, 14),
  'EventTarget.prototype': ALWAYS,
  MessageChannel: since(2, 41, 5),
  MessageEvent: since(20, 17, 6),
  'Object.hasOwn': since(93, 92, 15.4),
  TextEncoder: since(38, 19, 10.1),
  // The constructor.
  URL: since(32, 26, 14),
  URLSearchParams: since(49, 29, 10.1),
  WebSocket: ALWAYS,
  addEventListener: OPTIONAL,
  removeEventListener: OPTIONAL,
  btoa: ALWAYS,
  clearTimeout: ALWAYS,
  setTimeout: ALWAYS,
  console: ALWAYS,
  'console.error': ALWAYS,
  'console.info': ALWAYS,
  document: OPTIONAL,
  // Asked for by `probe()`.
  fetch: since(42, 39, 10.1),
  globalThis: since(71, 65, 12.1),
  location: OPTIONAL,
  navigator: OPTIONAL,
  performance: ALWAYS,
  'performance.now': ALWAYS,
  queueMicrotask: since(71, 69, 12.1),
  reportError: OPTIONAL,
}

/** Methods that came after ES2018. */
export const MEMBERS: Readonly<Record<string, Since>> = {
  at: since(92, 90, 15.4),
  flat: since(69, 62, 12),
  flatMap: since(69, 62, 12),
  replaceAll: since(85, 77, 13.1),
}

/** Syntax that esbuild's own table has otherwise, or earlier than the browsers' documents. */
export const SYNTAX: readonly (readonly [what: string, pattern: RegExp, since: Since])[] = [
  ['class static blocks', /\bstatic \{/, since(94, 93, 16.4)],
  ['`#field in object`', /#\w+ in /, since(91, 90, 15)],
  ['private methods', /^\s+(?:async |get |set )?#\w+\(/m, since(84, 90, 15)],
]
