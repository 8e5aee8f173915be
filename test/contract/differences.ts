import type { EngineName } from '../support/engine-name.ts'

/** One point in which the platform's own class, in some engines, is not what the standard says or what the others do. */
export interface Difference {
  readonly key: string
  readonly engines: readonly EngineName[]
  readonly why: string
  readonly expected: unknown
}

/** Codes of the registry that libsoup, the HTTP library under WebKitGTK, does not know. */
const UNKNOWN_TO_LIBSOUP = [1012, 1013, 1014] as const

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
    why: 'Firefox looks at the selected protocol only when it has offered one.',
    expected: 'opens',
  },
  {
    key: 'a server that selects a protocol in another case',
    engines: ['webkit'],
    why: 'WebKitGTK compares subprotocols without regard to case.',
    expected: 'opens',
  },
  {
    key: 'a server that selects two protocols in two headers',
    engines: ['webkit'],
    why: 'WebKitGTK reads the first of the headers.',
    expected: 'opens',
  },
  {
    key: 'what the server sees of a handshake that is given up',
    engines: ['firefox'],
    why: 'Firefox keeps the TCP connection of a handshake that it waits for; the server only hears nothing more.',
    expected: 'nothing',
  },
  {
    key: 'the close code of a server without TLS',
    engines: ['firefox'],
    why: 'Firefox tells a failed TLS handshake from other failures.',
    expected: 1015,
  },
  {
    key: 'an empty URL',
    engines: ['firefox'],
    why: 'Firefox resolves it to the URL of the page with its fragment, which is then refused.',
    expected: 'SyntaxError',
  },
  {
    key: 'what a relative URL is resolved against',
    engines: ['firefox'],
    why: 'Firefox takes the URL the page was loaded from; neither a <base> nor history.pushState() matters.',
    expected: 'the URL it was loaded from',
  },
  {
    key: 'what comes of a masked frame',
    engines: ['firefox'],
    why: 'Firefox takes the mask off, as a server would.',
    expected: 'the message a',
  },
  ...TAKEN_BY_FIREFOX.map(([what, code]) => ({
    key: `the end of a connection after ${what}`,
    engines: ['firefox'] as const,
    why: 'Firefox passes on what a close frame says without a look at it.',
    expected: { code, reason: '', wasClean: true, events: ['open', 'close'] },
  })),
  {
    key: 'a NUL in a close reason',
    engines: ['webkit'],
    why: 'WebKitGTK gives the reason to libsoup as a string of C, which ends there.',
    expected: 'ends it',
  },
  {
    key: 'a Blob that close() follows at once',
    engines: ['webkit'],
    why: 'WebKitGTK reads Blobs in the background, and close() does not wait for them.',
    expected: 'is lost',
  },
  {
    key: 'what bufferedAmount counts for the frame of a short message after close()',
    engines: ['webkit'],
    why: 'WebKit adds the head of the frame and its mask to what can not be sent any more.',
    expected: 6,
  },
  ...UNKNOWN_TO_LIBSOUP.map(code => ({
    key: `a close frame with the code ${code}`,
    engines: ['webkit'] as const,
    why: 'libsoup takes a close code that it does not know for an error of the protocol.',
    expected: [1006, '', false],
  })),
  {
    key: 'the answer to a close frame without a code',
    engines: ['webkit'],
    why: 'libsoup answers with 1000.',
    expected: 1000,
  },
  {
    key: 'a handshake whose answer names an extension twice',
    engines: ['webkit'],
    why: 'libsoup takes the second one as another offer of the first.',
    expected: 'opens',
  },
]
