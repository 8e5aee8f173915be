import { type DedupeWindow, dedupeWindow } from '../core/dedupe-window.ts'
import { ResilientError } from '../core/resilient-error.ts'
import type { ConnectionHook, HookConnection } from '../runtime/link.ts'
import { DEDUPE_KEYS } from './defaults.ts'

/**
 * How a message that comes twice is known. With it connections may overlap: one that is to be replaced serves until the
 * next one is ready, and is listened to for 5 s more. Then there is no `close` and no `open`, but a `handover` event: tell
 * a connection what it has to know in `beforeOpen` or `subscribe()`, which run on every one.
 */
export interface DedupeOptions {
  /** What tells the message from all others: a text or a number. A message whose key was seen lately reaches no listener; one without a key (`undefined` or `null`) always does. Called once per message, after `receive()` had its choice. One that throws, or gives something else, is reported once per connection, and the message is delivered. */
  readonly keyOf: (event: MessageEvent) => string | number | undefined
  /** How many keys are remembered, across connections and past `close()`; and no more than 1,048,576 letters of them. @defaultValue 1024 */
  readonly window?: number
}

/** How a server is asked for what was missed. */
export interface ResumeOptions {
  /** The position of a message, of whatever kind your server takes; `undefined` or `null` for a message without one. Called once per message, after its listeners: the last position is what your app has handled. One that throws is reported once per connection, and the position stays. */
  readonly cursorOf: (event: MessageEvent) => unknown
  /**
   * Asks for what came after `cursor`; `undefined` when no message had a position yet. Run on every connection but the
   * first, after `beforeOpen` and before `open`, within the connect timeout; what it sends goes before everything else.
   * One that throws or rejects is a failed attempt, as with `beforeOpen`. What arrives meanwhile and it does not claim
   * is kept, up to 1,000 messages or 1 MiB, and delivered after `open`: a long replay is not to be awaited here.
   *
   * Your server must tell what was missed before what happens: an event that overtakes the answer moves the cursor past
   * the others.
   *
   * The cursor outlives `reconnect()`, and `close()` too: what your app has handled stays handled. It is dropped, and the
   * next connection is a first one, when somebody else signs in (`auth` answers with another `identity`).
   */
  readonly since: (cursor: unknown, connection: HookConnection) => void | PromiseLike<void>
}

/** What was handled on earlier connections, as the app's functions tell it, where there is no session to know. */
export class Continuity {
  readonly #dedupe: DedupeOptions | undefined
  readonly #resume: ResumeOptions | undefined
  readonly #report: (error: ResilientError) => void
  #seen: DedupeWindow | undefined
  #cursor: unknown
  /** A connection was open before. */
  #began = false
  /** What was reported of this connection. */
  readonly #reported = new Set<string>()

  constructor(
    dedupe: DedupeOptions | undefined,
    resume: ResumeOptions | undefined,
    report: (error: ResilientError) => void,
  ) {
    this.#dedupe = dedupe
    this.#resume = resume
    this.#report = report
  }

  /** The message was delivered before. */
  repeats(event: MessageEvent): boolean {
    let known = false
    this.#guard(this.#dedupe, 'dedupe.keyOf', dedupe => {
      const key = dedupe.keyOf(event)
      if (key == null) return
      if (typeof key !== 'string' && !Number.isFinite(key)) throw new TypeError('It gave neither a text nor a number.')
      this.#seen ??= dedupeWindow(dedupe.window ?? DEDUPE_KEYS)
      known = !this.#seen.add(key)
    })
    return known
  }

  /** The app has handled it: the cursor moves now, and not before. */
  handled(event: MessageEvent): void {
    this.#guard(this.#resume, 'resume.cursorOf', resume => {
      this.#cursor = resume.cursorOf(event) ?? this.#cursor
    })
  }

  /** What makes the next connection ready; `undefined` on the first one. */
  get since(): ConnectionHook | undefined {
    const resume = this.#resume
    return resume && this.#began ? connection => resume.since(this.#cursor, connection) : undefined
  }

  /** Another connection serves. */
  opened(): void {
    this.#began = true
    this.#reported.clear()
  }

  /** Somebody else signed in: what was handled was another's. */
  forget(): void {
    this.#seen = this.#cursor = undefined
    this.#began = false
  }

  /** Nobody's message is lost because a function of the app's throws. */
  #guard<T>(options: T | undefined, name: string, call: (options: T) => void): void {
    try {
      if (options) call(options)
    } catch (cause) {
      if (this.#reported.has(name)) return
      this.#reported.add(name)
      this.#report(new ResilientError('ERR_HANDLER', `\`${name}\` failed: the message is delivered.`, cause))
    }
  }
}
