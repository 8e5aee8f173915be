/** What went wrong, for code. Each is explained in docs/errors.md. */
export type ErrorCode =
  | 'ERR_OPTION'
  | 'ERR_NO_WEBSOCKET'
  | 'ERR_OUTBOX_FULL'
  | 'ERR_CLOSED'
  | 'ERR_PROVIDER'
  | 'ERR_POLICY'
  | 'ERR_HANDLER'
  | 'ERR_HOOK'
  | 'ERR_MESSAGE_TOO_BIG'
  | 'ERR_PROTOCOL'
  | 'ERR_IDLE_TIMEOUT'
  | 'ERR_SECRET'
  | 'ERR_SUBSCRIPTION'
  | 'ERR_SEND'
  | 'ERR_WORKER'
  | 'ERR_FRAME'
  | 'ERR_REJECTED'
  | 'ERR_UNDELIVERED'
  | 'ERR_TIMEOUT'
  | 'ERR_DEFECT'

/** An error of Holdfast's own: a `code` for programs, and a message that names the option or field, the fact and the way out. `cause` keeps what was thrown beneath it. */
export class ResilientError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'ResilientError'
    this.code = code
  }
}

/** No longer than a name is: more of it may be a secret, and tells nobody anything. */
function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text
}

/** What may hold a secret: a credential, an address, all options at once, one that does not exist (`token`); a query. */
const PRIVATE = /^(auth|url|options)|absent|\?/

/**
 * A value that an option, a provider or a policy must not have. Objects and functions are named by kind only. So are
 * strings, but those that stand where an option does and hold no secret.
 */
export function unexpected(code: ErrorCode, what: string, expected: string, got: unknown): ResilientError {
  const kind = typeof got
  const told = code === 'ERR_OPTION' && kind === 'string' && !PRIVATE.test(what + expected + got)
  const plain = kind === 'number' || kind === 'boolean' || got == null
  const shown = told ? JSON.stringify(cut(`${got}`, 16)) : plain ? got : kind
  return new ResilientError(code, `Expected \`${cut(what, 64)}\` to be ${expected}, got ${shown}.`)
}

/** A misspelt option of a function that takes its options apart: it must not be ignored. */
export function refuseOthers(what: string, others: object): void {
  for (const [name, value] of Object.entries(others)) {
    throw unexpected('ERR_OPTION', `${what}.${name}`, 'absent: no such option', value)
  }
}

/** What was thrown, as an error of Holdfast's own. Whoever throws a proxy is not to bring it down. */
export function asOwn(cause: unknown, code: ErrorCode, message: string): ResilientError {
  try {
    if (cause instanceof ResilientError) return cause
  } catch {
    // Not one of ours.
  }
  return new ResilientError(code, message, cause)
}

/** What stands there, inherited or not, as the platform reads its own options [WebIDL §3.2.17]. A getter of the app's may throw. */
export function read(values: object, name: string, path: string): unknown {
  try {
    return Reflect.get(values, name)
  } catch (cause) {
    throw new ResilientError('ERR_OPTION', `Expected \`${path}\` to be readable, got an error.`, cause)
  }
}

/** Something on the way cuts connections that are silent for that long. `everyMs`: how often it is asked for life now; `null` where nobody asks. */
export function idleTimeout(silentMs: number, everyMs: number | null): ResilientError {
  const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`
  const way =
    everyMs === null
      ? `\`heartbeat: ping({ everyMs: ${Math.round(silentMs / 2)} })\` keeps them open.`
      : `A ping every ${seconds(everyMs)} keeps them open now.`
  return new ResilientError('ERR_IDLE_TIMEOUT', `Cut twice after ${seconds(silentMs)} of silence. ${way}`)
}
