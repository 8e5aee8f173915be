import { meaningOf } from './meanings.ts'

/** What is known of a close code. */
export interface CloseCode {
  readonly code: number
  /** In a few words, as lines say it. */
  readonly name: string
  /** What whoever sends it says with it. */
  readonly meaning: string
  /** Whose fault it is, and what to look at next. */
  readonly hint: string
  /** Where it is defined: RFC 6455, or the WebSocket Close Code Number Registry of the IANA. */
  readonly section: string
}

type Words = readonly [meaning: string, hint: string]

const UNAUTHORIZED: Words = [
  'The credential is missing, wrong or expired.',
  'An auth provider renews it. If it comes back: issuer, audience, clocks.',
]
const FORBIDDEN: Words = ['The credential is fine, and does not allow this.', 'The user lacks a right: grant it.']

const KNOWN: Readonly<Record<number, Words>> = {
  1000: [
    'Its purpose is fulfilled.',
    "Nobody's fault; idle timeouts send it too. If it means \"done\": `{ 1000: 'stop' }`.",
  ],
  1001: ['The server shuts down.', "Nobody's fault: a deploy."],
  1002: [
    'The server received a frame that breaks the protocol.',
    'A bug of the server or a proxy: apps write no frames.',
  ],
  1003: ['The server does not take that kind of message.', 'A bug of the app: text instead of binary, or the reverse.'],
  1005: ['The close frame had no code.', "Nobody's fault. Have the server send one."],
  1006: [
    'It broke, or never opened: a 401, a 502 and a closed port look the same.',
    'The network or a proxy: its log has the HTTP status.',
  ],
  1007: ['The server could not read a message.', 'A bug of the app: look at what it sent last.'],
  1008: [
    'The server refuses a message or the client, and does not say why.',
    'The app or its credential: the log of the server says which.',
  ],
  1009: ['A message was too big.', 'A bug of the app: send less, or raise the limit of the server.'],
  1010: ['A client misses an extension.', 'A bug of the server: only clients may send it.'],
  1011: ['The server met something unexpected.', 'A bug of the server: its log has the exception.'],
  1012: ['The server restarts.', "Nobody's fault: a deploy."],
  1013: ['The server is overloaded.', 'Capacity of the server. Its reason may say when: `after=SECONDS`.'],
  1014: [
    'A gateway had a bad answer from the server behind it.',
    'The server, or the way to it: see the log of the gateway.',
  ],
  1015: ['The certificate was not accepted.', 'The server: an expired certificate, or one for another name.'],
  3000: UNAUTHORIZED,
  3003: FORBIDDEN,
  3008: ['The server waited too long for this client.', 'A slow network, or capacity of the server.'],
  4401: UNAUTHORIZED,
  4403: FORBIDDEN,
}

type Owned = readonly [owner: string, ...Words]

/** Whose a code is that has no meaning of its own. */
const APP: Owned = ['of the app', 'The app and its server agreed on it.', 'Say in `closePolicy` what to do about it.']
const LIBRARY: Owned = ['of a library', 'A library registered it.', 'See its documents, and say so in `closePolicy`.']
const RESERVED: Owned = ['reserved', 'None: it may not be sent.', 'A bug of the server.']

function sectionOf(code: number): string {
  const registered = code > 1011 && code < 4000 && code !== 1015 && code in KNOWN
  return registered ? 'IANA registry' : `RFC 6455 §7.4.${code > 999 && code < 1016 ? 1 : 2}`
}

/**
 * Everything there is to say about a close code: `closeCode(1013).hint`. Codes without a meaning of their own are told
 * by their range: 3000-3999 belong to libraries, 4000-4999 to the app, 1016-2999 are reserved.
 */
export function closeCode(code: number): CloseCode {
  const thousands = Math.floor(code / 1_000)
  const [owner, ...words] = thousands === 4 ? APP : thousands === 3 ? LIBRARY : RESERVED
  const [meaning, hint] = KNOWN[code] ?? words
  return { code, name: meaningOf(code) ?? owner, meaning, hint, section: sectionOf(code) }
}
