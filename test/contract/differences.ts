import type { EngineName } from '../support/engine-name.ts'

/** One point in which the platform's own class, in some engines, is not what the standard says or what the others do. */
export interface Difference {
  readonly key: string
  readonly engines: readonly EngineName[]
  readonly why: string
  readonly expected: unknown
}

/** Codes of the registry that came later than RFC 6455. */
const TOO_NEW_FOR_WEBKIT = [1012, 1013, 1014] as const

/** Close frames that [RFC 6455 §7.4] forbids, and what Firefox makes of them. */
const TAKEN_BY_FIREFOX: readonly (readonly [what: string, code: number])[] = [
  ['a close frame of one byte', 1005],
  ['a close frame with the code 1005', 1005],
  ['a close frame with the code 1006', 1006],
  ['a close frame with the code 1015', 1015],
  ['a close frame with the code 999', 999],
  ['a close frame with the code 5000', 5000],
]

/**
 * Where engines differ, asked of every implementation alike: an app must find in Holdfast what it finds in the class of
 * the browser it runs in. Measured in Chromium 156, Firefox 153 and WebKitGTK 2.50.
 */
export const differences: readonly Difference[] = [
  {
    key: 'a server that selects a protocol when none was offered',
    engines: ['firefox'],
    why: 'Firefox ignores a selected protocol when it offered none.',
    expected: 'opens',
  },
  {
    key: 'a server that selects a protocol in another case',
    engines: ['webkit'],
    why: 'WebKitGTK accepts a subprotocol in another case than the one offered.',
    expected: 'opens',
  },
  {
    key: 'a server that selects two protocols in two headers',
    engines: ['webkit'],
    why: 'WebKitGTK accepts a second header that selects a subprotocol.',
    expected: 'opens',
  },
  {
    key: 'what the server sees of a handshake that is given up',
    engines: ['firefox'],
    why: 'Firefox keeps the TCP connection of a handshake that was given up.',
    expected: 'nothing',
  },
  {
    key: 'the close code of a server without TLS',
    engines: ['firefox'],
    why: 'Firefox tells an app when it was TLS that failed.',
    expected: 1015,
  },
  {
    key: 'an empty URL',
    engines: ['firefox'],
    why: 'Firefox refuses the empty string, whatever page it would be resolved against.',
    expected: 'SyntaxError',
  },
  {
    key: 'what a relative URL is resolved against',
    engines: ['firefox'],
    why: 'Neither a `<base>` element nor `history.pushState()` changes what Firefox starts from.',
    expected: 'the URL it was loaded from',
  },
  {
    key: 'what comes of a masked frame',
    engines: ['firefox'],
    why: 'Firefox takes the mask off and delivers the message.',
    expected: 'the message a',
  },
  ...TAKEN_BY_FIREFOX.map(([what, code]) => ({
    key: `what comes of ${what}`,
    engines: ['firefox'] as const,
    why: 'Firefox does not check the code of a close frame, and reports it as it is, clean.',
    expected: { code, reason: '', wasClean: true, events: ['open', 'close'] },
  })),
  {
    key: 'a NUL in a close reason',
    engines: ['webkit'],
    why: 'A reason of WebKitGTK ends at its first NUL, sent or received.',
    expected: 'ends it',
  },
  {
    key: 'a Blob that close() follows at once',
    engines: ['webkit'],
    why: 'close() of WebKitGTK does not wait for a Blob that is still being read.',
    expected: 'is lost',
  },
  {
    key: 'what bufferedAmount counts for the frame of a short message after close()',
    engines: ['webkit'],
    why: 'WebKit adds the head and the mask of the frame to bytes that will never be sent.',
    expected: 6,
  },
  ...TOO_NEW_FOR_WEBKIT.map(code => ({
    key: `a close frame with the code ${code}`,
    engines: ['webkit'] as const,
    why: 'WebKitGTK takes a close frame with a code that is newer than RFC 6455 for an error.',
    expected: [1006, '', false],
  })),
  {
    key: 'the answer to a close frame without a code',
    engines: ['webkit'],
    why: 'WebKitGTK answers it with 1000.',
    expected: 1000,
  },
  {
    key: 'a handshake whose answer names an extension twice',
    engines: ['webkit'],
    why: 'WebKitGTK accepts an extension that is named twice.',
    expected: 'opens',
  },
]
