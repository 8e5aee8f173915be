import { Inbound, type Verdict } from './inbound.ts'
import { type Issue, placesOf } from './issues.ts'
import { checked, fromJson, json } from './outbound.ts'
import { invalidMessage, reportToPlatform } from './schema-error.ts'
import { type Arrival, isSocket, type Socket, type Topic, topicOf } from './source.ts'
import { isThenable, type Schema } from './standard.ts'

/** What a channel is made of. */
interface Parts {
  readonly incoming: Schema
  readonly outgoing: Schema
  readonly version?: number
  parse?(data: unknown): unknown
  serialize?(value: unknown): unknown
}

/** A message that did not fit, and reached no handler. */
export interface Invalid<E = Arrival> {
  /** Where it is wrong, and how; at most 100. */
  readonly issues: readonly Issue[]
  /** What arrived, as it was. */
  readonly arrival: E
  /** What `parse` or the schema threw. */
  readonly cause?: unknown
}

type OnMessage = (message: unknown, arrival: Arrival) => unknown
type OnInvalid = (invalid: Invalid) => unknown

const itself = (value: unknown): unknown => value

/** What stands behind `typed()`, where the types are known. */
export class Channel {
  readonly version: number | undefined
  readonly #source: Topic<Arrival, readonly unknown[]>
  readonly #outgoing: Schema
  readonly #serialize: (value: unknown) => unknown
  readonly #inbound: Inbound<Arrival>
  #messages: readonly { readonly handler: OnMessage }[] = []
  #invalids: readonly { readonly handler: OnInvalid }[] = []
  #stop: (() => void) | undefined
  #reported = false

  constructor(source: Socket | Topic, parts: Parts) {
    const { incoming, outgoing, version } = parts
    const speaks = isSocket(source)
    this.version = version
    this.#source = speaks ? topicOf(source, reportToPlatform) : source
    this.#outgoing = outgoing
    this.#serialize = parts.serialize ? value => parts.serialize?.(value) : speaks ? json : itself
    const parse = parts.parse ? (data: unknown) => parts.parse?.(data) : speaks ? fromJson : itself
    this.#inbound = new Inbound(parse, incoming, (verdict, arrival) => this.#tell(verdict, arrival))
  }

  on(...[type, handler]: ['message', OnMessage] | ['invalid', OnInvalid]): () => void {
    const undo = type === 'message' ? this.#onMessage(handler) : this.#onInvalid(handler)
    this.#stop ??= this.#source.on(arrival => this.#inbound.take(arrival))
    return () => {
      undo()
      if (this.#messages.length || this.#invalids.length) return
      this.#stop?.()
      this.#stop = undefined
    }
  }

  // In an object of its own: the same handler may be given twice.
  #onMessage(handler: OnMessage): () => void {
    const entry = { handler }
    this.#messages = [...this.#messages, entry]
    return () => {
      this.#messages = this.#messages.filter(each => each !== entry)
    }
  }

  #onInvalid(handler: OnInvalid): () => void {
    const entry = { handler }
    this.#invalids = [...this.#invalids, entry]
    return () => {
      this.#invalids = this.#invalids.filter(each => each !== entry)
    }
  }

  send(message: unknown, ...rest: readonly unknown[]): unknown {
    return this.#source.send(this.#serialize(checked(this.#outgoing, message, this.version)), ...rest)
  }

  #tell(verdict: Verdict, arrival: Arrival): Promise<unknown> | undefined {
    if ('value' in verdict) {
      const { value } = verdict
      return settled(this.#messages.map(({ handler }) => called(() => handler(value, arrival))))
    }
    const invalids = this.#invalids
    if (!invalids.length) this.#report(verdict)
    const invalid = { ...verdict, arrival }
    return settled(invalids.map(({ handler }) => called(() => handler(invalid))))
  }

  /** A server that sends what nobody understands does so again and again: it is told once. */
  #report({ issues }: Extract<Verdict, { readonly issues: unknown }>): void {
    if (this.#reported) return
    this.#reported = true
    const then = "it reached no handler. `on('invalid', …)` sees every one; only this first one is reported."
    reportToPlatform(invalidMessage('incoming', this.version, placesOf(issues), then))
  }
}

/** What a handler answers: one that throws does as one that rejects. */
function called(handler: () => unknown): unknown {
  try {
    return handler()
  } catch (cause) {
    return Promise.reject(cause)
  }
}

/** Settles when all have, and rejects as those did that rejected; `undefined` when there is nothing to wait for. */
function settled(answers: readonly unknown[]): Promise<void> | undefined {
  const waits = answers.filter(isThenable)
  if (!waits.length) return undefined
  return Promise.allSettled(waits).then(all => {
    const failures = all.flatMap(answer => (answer.status === 'rejected' ? [answer.reason] : []))
    if (failures.length > 1) throw new AggregateError(failures, 'More than one handler failed.')
    for (const failure of failures) throw failure
  })
}
