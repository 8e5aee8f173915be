/** What an answer over HTTP means, in the words of a WebSocket: a close code, and a reason. */
import { ABNORMAL } from '../core/close-codes.ts'

/** How a connection over HTTP ended. */
export interface End {
  readonly code: number
  readonly reason: string
  /** The server said so. */
  readonly wasClean: boolean
  /** An `error` event comes first. */
  readonly erred: boolean
}

/** As long as a server gets to take what is under way, and short enough that nobody waits for a dead one. */
export const LAST_SENDS_MS = 3_000

/** How the reason begins when the server, or something before it, does not offer this transport at that address. */
export const NOT_OFFERED = 'not offered'
/** How the reason begins when something on the way keeps the stream back: the server is there, what it says does not arrive. */
export const BUFFERED = 'buffered'

/** Whether a close says that this transport is of no use here, however often it is tried. */
export function isUnusable({ code, reason }: { readonly code: number; readonly reason: string }): boolean {
  return code === ABNORMAL && (reason.startsWith(`${NOT_OFFERED}: `) || reason.startsWith(`${BUFFERED}: `))
}

/** It broke, and nobody said why. */
export function broken(reason: string, erred = false): End {
  return { code: ABNORMAL, reason: cut(reason), wasClean: false, erred }
}

export function notOffered(fact: string): End {
  return broken(`${NOT_OFFERED}: ${fact}`, true)
}

/** 204 in place of an event stream: not to be asked for again [WHATWG HTML §9.2.3]. */
export const FINAL: End = { code: 1000, reason: 'HTTP 204', wasClean: true, erred: true }

/** Whether a close says that the server has no more, ever. */
export function isFinal({ code, reason }: { readonly code: number; readonly reason: string }): boolean {
  return code === FINAL.code && reason === FINAL.reason
}

/** Statuses of a server that does not know what it is asked for. */
const UNKNOWN: readonly number[] = [400, 404, 405, 406, 410, 415, 426, 501]

/** What a status other than 200 and 204 means [IANA WebSocket Close Code Number Registry]. */
export function endOf({ status, headers }: Response): End {
  const reason = `HTTP ${status}`
  const end = (code: number, why = reason): End => ({ code, reason: why, wasClean: false, erred: true })
  if (status === 401) return end(3000)
  if (status === 403) return end(3003)
  const after = headers.get('retry-after')
  if (after !== null) return end(1013, /^\d{1,9}$/.test(after.trim()) ? `${reason}; after=${after.trim()}` : reason)
  if (UNKNOWN.includes(status)) return notOffered(reason)
  if (status === 413) return end(1009)
  return end(status === 502 || status === 504 ? 1014 : ABNORMAL)
}

/** A close code that a server may say [RFC 6455 §7.4]. */
function isCode(code: unknown): code is number {
  if (!Number.isInteger(code)) return false
  const value = Number(code)
  return (value >= 1000 && value <= 1014 && ![1004, 1005, 1006].includes(value)) || (value >= 3000 && value <= 4999)
}

/** The frame `close`, which stands for a close frame; anything else is `null`. */
export function closeOf(frame: unknown): End | null {
  if (typeof frame !== 'object' || frame === null || !('t' in frame) || frame.t !== 'close') return null
  const { code, reason } = { code: undefined, reason: '', ...frame }
  if (!isCode(code)) return broken('a `close` frame without a code', true)
  return { code, reason: cut(typeof reason === 'string' ? reason : ''), wasClean: true, erred: false }
}

/** A reason has 123 bytes [RFC 6455 §5.5]; ours are ASCII. */
function cut(reason: string): string {
  return reason.length > 123 ? reason.slice(0, 123) : reason
}
