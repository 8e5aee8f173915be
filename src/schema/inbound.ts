import { type Issue, issuesOf } from './issues.ts'
import type { Arrival } from './source.ts'
import { isThenable, type RawIssue, type Result, type Schema } from './standard.ts'

/** How many messages may wait for a schema that takes its time: as many as the outbox holds. One that never answers must not fill the memory. */
const MOST_WAITING = 1_000

/** What became of a message: the value that its schema made, or why there is none. */
export type Verdict = { readonly value: unknown } | { readonly issues: readonly Issue[]; readonly cause?: unknown }

/** Calls who is to know of a message; what it gives has settled when they have. It never throws. */
export type Tell<E> = (verdict: Verdict, arrival: E) => Promise<unknown> | undefined

function wrong(message: string, cause?: unknown): Verdict {
  return { issues: [{ path: '', message }], ...(cause !== undefined && { cause }) }
}

/**
 * Reads messages one after the other. With a schema that answers at once, so does this: the message is told in the very
 * task in which it arrived. One that is awaited keeps those behind it waiting, so that their order stays.
 */
export class Inbound<E extends Arrival> {
  readonly #parse: (data: unknown) => unknown
  readonly #schema: Schema
  readonly #tell: Tell<E>
  /** Settles when the last one that waits has been told; `undefined` when none waits. */
  #last: Promise<void> | undefined
  #waiting = 0

  constructor(parse: (data: unknown) => unknown, schema: Schema, tell: Tell<E>) {
    this.#parse = parse
    this.#schema = schema
    this.#tell = tell
  }

  /** What it gives has settled when the message was handled; `undefined` when there is nothing to wait for. It rejects as a handler does. */
  take(arrival: E): Promise<unknown> | undefined {
    if (this.#last) return this.#queue(arrival, this.#last)
    const verdict = this.#judge(arrival)
    return isThenable(verdict) ? this.#follow(arrival, verdict) : this.#tell(verdict, arrival)
  }

  #queue(arrival: E, last: Promise<void>): Promise<unknown> | undefined {
    if (this.#waiting < MOST_WAITING)
      return this.#follow(
        arrival,
        last.then(() => this.#judge(arrival)),
      )
    return this.#tell(wrong(`More than ${MOST_WAITING} messages wait for an async schema.`), arrival)
  }

  /** Tells of it when its turn has come. Those behind wait for that, and not for the handlers. */
  #follow(arrival: E, verdict: PromiseLike<Verdict>): Promise<unknown> {
    this.#waiting++
    const told = Promise.resolve(verdict).then(known => {
      this.#waiting--
      if (this.#last === last) this.#last = undefined
      return { settled: this.#tell(known, arrival) }
    })
    const last = told.then(() => {})
    this.#last = last
    return told.then(({ settled }) => settled)
  }

  /** Never throws, and never rejects: what an app's function does wrong is wrong with that message. */
  #judge({ data }: E): Verdict | PromiseLike<Verdict> {
    let parsed: unknown
    try {
      parsed = this.#parse(data)
    } catch (cause) {
      return wrong('It could not be parsed.', cause)
    }
    if (!isThenable(parsed)) return this.#validate(parsed)
    return Promise.resolve(parsed).then(
      value => this.#validate(value),
      cause => wrong('It could not be parsed.', cause),
    )
  }

  #validate(value: unknown): Verdict | PromiseLike<Verdict> {
    const threw = (cause: unknown): Verdict => wrong('The schema threw.', cause)
    try {
      const result = this.#schema['~standard'].validate(value)
      return isThenable(result) ? Promise.resolve(result).then(verdictOf).catch(threw) : verdictOf(result)
    } catch (cause) {
      return threw(cause)
    }
  }
}

function verdictOf(result: Result<unknown>): Verdict {
  const issues: readonly RawIssue[] | undefined = result.issues
  return issues ? { issues: issuesOf(issues) } : { value: 'value' in result ? result.value : undefined }
}
