/** What a close code means, in a few words [RFC 6455 §7.4.1; IANA WebSocket Close Code Number Registry]. */
const NAMES: Readonly<Record<number, string>> = {
  1000: 'normal closure',
  1001: 'going away',
  1002: 'protocol error',
  1003: 'unsupported data',
  1005: 'no code given',
  1006: 'no close frame',
  1007: 'invalid payload data',
  1008: 'policy violation',
  1009: 'message too big',
  1010: 'extension missing',
  1011: 'server error',
  1012: 'service restart',
  1013: 'try again later',
  1014: 'bad gateway',
  1015: 'TLS handshake failed',
  3000: 'unauthorized',
  3003: 'forbidden',
  3008: 'timeout',
  4401: 'unauthorized',
  4403: 'forbidden',
}

/** The meaning of a close code in a few words; codes that belong to a library or to the app have none. {@link closeCode} says more. */
export function meaningOf(code: number): string | null {
  return NAMES[code] ?? null
}
