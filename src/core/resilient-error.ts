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

/** A value that an option, a provider or a policy must not have. Strings and objects are named by kind only: they may hold a secret. */
export function unexpected(code: ErrorCode, what: string, expected: string, got: unknown): ResilientError {
  const shown = typeof got === 'number' || typeof got === 'boolean' || got == null ? got : typeof got
  return new ResilientError(code, `Expected \`${what}\` to be ${expected}, got ${shown}.`)
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
