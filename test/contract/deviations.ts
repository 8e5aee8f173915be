import type { ImplementationName } from './implementation.ts'

/** One place where an implementation may differ from the platform, and what it does instead. */
export interface Deviation {
  readonly implementations: readonly ImplementationName[]
  readonly why: string
  readonly expected: unknown
}

const CONNECTING = 0

/** Close codes of a server after which the socket dials again. After the others the standard close policy stops, and CLOSED is right. */
const RETRIED_CODES = [
  1000, 1001, 1005, 1009, 1011, 1012, 1013, 1014, 3001, 3008, 3999, 4000, 4400, 4402, 4999,
] as const

const BETWEEN_CONNECTIONS: Omit<Deviation, 'expected'> = {
  implementations: ['ours with defaults'],
  why:
    'CLOSED is final in the standard; an app that sees it throws the socket away or opens a second one. ' +
    'A socket that will dial again is CONNECTING.',
}

const afterServerClose = Object.fromEntries(
  RETRIED_CODES.map(code => [
    `readyState after the server closes with ${code}`,
    { ...BETWEEN_CONNECTIONS, expected: CONNECTING },
  ]),
)

/**
 * Everything in which Holdfast differs from the platform's WebSocket. With `{ reconnect: false, outbox: false }`
 * there is nothing: no entry may name that implementation.
 *
 * Two things are asked of nobody, because no class written in JavaScript can do them: events whose `isTrusted` is
 * true, and microtasks that run between two listeners of one event.
 */
export const deviations: Readonly<Record<string, Deviation>> = {
  'send() while connecting': {
    implementations: ['ours with defaults'],
    why: 'A message sent early waits in the outbox instead of throwing: it must survive reconnects anyway.',
    expected: 'queues',
  },
  'an array as the URL': {
    implementations: ['ours with defaults'],
    why: 'A list of endpoints is tried in turn. The platform makes one string of it, which is nobody’s address.',
    expected: 'a list',
  },
  'readyState while the failure of a connection is reported': {
    ...BETWEEN_CONNECTIONS,
    expected: CONNECTING,
  },
  'readyState once a connection is lost': { ...BETWEEN_CONNECTIONS, expected: CONNECTING },
  ...afterServerClose,
  'events after a connection is lost': {
    implementations: ['ours with defaults'],
    why: 'Every connection has its own open, error and close: they may come again after the first close.',
    expected: 'may follow',
  },
}
