import type { Ending } from '../core/disconnect.ts'
import { CONNECT_TIMEOUT_MS, MAX_ATTEMPTS, STABLE_MS } from '../core/limits.ts'
import { ResilientError } from '../core/resilient-error.ts'
import type { Answer, BackoffQuestion, Beat, ClosePolicy, LifeRule, Pulse, Rules } from '../core/rules.ts'
import type { TransitionRecord } from '../core/trace.ts'
import { standardPolicy, violatesProtocol } from '../policies/close-policy.ts'
import type { Heartbeat } from '../policies/heartbeat.ts'
import { askBackoff, askHeartbeat, guardedPolicy } from '../runtime/policies.ts'
import type { SessionLayer } from '../session/layer.ts'
import type { Ladder } from '../transports/transport.ts'
import type { Lifecycle } from './lifecycle.ts'
import { authOf, type Options } from './options.ts'

type Answers = TransitionRecord['answers']

const NONE: Answers = []
const WEBSOCKET = ['websocket']

/** Whose rules they are. */
interface Owner extends Lifecycle {
  /** Where there is one, and the server speaks it. */
  readonly session: SessionLayer | undefined
  readonly ways: { readonly ladder: Pick<Ladder, 'decide'> | undefined } | undefined
}

/** The options of a socket, as the rules of its machine. Getters: a default costs an idle socket nothing. */
export class SocketRules implements Rules, LifeRule {
  readonly authorizes: boolean
  readonly transports: readonly string[]
  readonly #options: Options
  readonly #policy: ClosePolicy | undefined
  readonly #lifecycle: Owner
  #answers: Answers = NONE

  constructor(options: Options, authorizes: boolean, lifecycle: Owner) {
    const { closePolicy: rules } = options
    this.authorizes = authorizes
    this.transports = options.transports?.map(({ name }) => name) ?? WEBSOCKET
    this.#options = options
    this.#policy = rules === undefined ? undefined : guardedPolicy([rules].flat(), error => lifecycle.report(error))
    this.#lifecycle = lifecycle
  }

  get life(): LifeRule | null {
    return this.heartbeat ? this : null
  }

  /** That of the session, where the app has none of its own. */
  get heartbeat(): Heartbeat | undefined {
    return this.#options.heartbeat ?? this.#lifecycle.session?.heartbeat
  }

  get pings(): boolean {
    return !!this.heartbeat?.message
  }

  judge(pulse: Pulse): Beat {
    return this.#note(askHeartbeat(this.heartbeat, pulse, error => this.#lifecycle.report(error)))
  }

  get credentials(): boolean {
    return !!this.#options.auth
  }

  get overlaps(): boolean {
    return !!this.#options.dedupe || !!this.#lifecycle.session
  }

  get rotates(): boolean {
    return authOf(this.#options)?.onRotate !== 'keep' && !this.#lifecycle.session?.takesAuth
  }

  get maxAgeMs(): number {
    return this.#options.maxAgeMs ?? Infinity
  }

  get presumes(): boolean {
    return this.#options.reconnect !== false
  }

  get maxAttempts(): number {
    return this.#options.maxAttempts ?? MAX_ATTEMPTS
  }

  get stableMs(): number {
    return this.#options.stableMs ?? STABLE_MS
  }

  get connectTimeoutMs(): number {
    const { connectTimeoutMs, reconnect = true } = this.#options
    return connectTimeoutMs ?? (reconnect ? CONNECT_TIMEOUT_MS : Infinity)
  }

  decide(ending: Ending): Answer {
    if (this.#options.reconnect === false) return this.#note('stop')
    if (violatesProtocol(ending)) {
      this.#lifecycle.report(
        new ResilientError(
          'ERR_PROTOCOL',
          'The browser failed three connections in a row: the server breaks the protocol.',
        ),
      )
    }
    const { ways, session } = this.#lifecycle
    return this.#note(
      this.#policy?.(ending) ?? ways?.ladder?.decide(ending) ?? session?.decide(ending) ?? standardPolicy(ending),
    )
  }

  backoff(question: BackoffQuestion): number {
    return this.#note(askBackoff(this.#options.backoff, question, error => this.#lifecycle.report(error)))
  }

  /** What was answered since it was last taken: it belongs into the record. */
  take(): Answers {
    const answers = this.#answers
    this.#answers = NONE
    return answers
  }

  #note<A extends Answers[number] | undefined>(answer: A): A {
    this.#answers = [...this.#answers, answer ?? null]
    return answer
  }
}
