/** No close frame was received at all [RFC 6455 §7.4.1]. */
export const ABNORMAL = 1006

/**
 * The delay that a server asks for in its close reason, `after=SECONDS`, in ms; `null` when it asks for none.
 * Honoured with codes that mean "come back later": 1012, 1013 and 4300-4399. The machine caps it at 10 min.
 */
export function askedDelayMs(code: number, reason: string): number | null {
  const asked = code === 1012 || code === 1013 || (code >= 4300 && code < 4400) ? /\bafter=(\d+)/.exec(reason) : null
  return asked && Number(asked[1]) * 1000
}
