import { CONNECT_TIMEOUT_MS, MAX_ATTEMPTS, STABLE_MS } from '../core/limits.ts'
import type { Answer, BackoffQuestion, Rules } from '../core/rules.ts'
import type { TransitionRecord } from '../core/trace.ts'
import { askBackoff } from '../runtime/policies.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Options } from './options.ts'

type Answers = TransitionRecord['answers']

const NONE: Answers = []

/** The options of a socket, as the rules of its machine. Getters: a default costs an idle socket nothing. */
export class SocketRules implements Rules {
  readonly authorizes: boolean
  readonly #options: Options
  readonly #lifecycle: Lifecycle
  #answers: Answers = NONE

  constructor(options: Options, authorizes: boolean, lifecycle: Lifecycle) {
    this.authorizes = authorizes
    this.#options = options
    this.#lifecycle = lifecycle
  }

  get transports(): readonly string[] {
    return ['websocket']
  }

  get credentials(): boolean {
    return false
  }

  get overlaps(): boolean {
    return false
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

  decide(): Answer | undefined {
    return this.#note(this.#options.reconnect === false ? 'stop' : undefined)
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
