import type { Retry } from '../session/frames.ts'

/** How a refusal is told. */
export interface RefusedOptions {
  /** What the client does with the message: give it up, send it again after `afterMs`, or after it has fresh credentials. @defaultValue 'never' */
  readonly retry?: Retry
  /** In ms, with `retry: 'later'`. @defaultValue 1000 */
  readonly afterMs?: number
  /** For people, sent to the client as it stands: never put a secret in it. @defaultValue the code */
  readonly message?: string
}

/**
 * Thrown by a hook of yours to refuse one message or one topic: the client gets one `err` with this code, and the
 * connection lives on. Whatever else a hook throws becomes the code `failed`, and its text stays on the server.
 */
export class Refused extends Error {
  override readonly name: string = 'Refused'
  readonly code: string
  readonly retry: Retry
  readonly afterMs: number | undefined

  constructor(code: string, { retry = 'never', afterMs, message = code }: RefusedOptions = {}) {
    super(message)
    this.code = code
    this.retry = retry
    this.afterMs = afterMs ?? (retry === 'later' ? 1_000 : undefined)
  }
}
