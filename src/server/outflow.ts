import type { ServerFrame } from '../session/frames.ts'
import { type Alarms, SECOND_LOOK_MS } from './alarms.ts'
import type { Context } from './context.ts'
import type { Gap, Recipient } from './delivery.ts'
import type { Head } from './log.ts'
import { type Outgoing, type OutgoingEvent, type Own, ownOf } from './outgoing.ts'
import type { Wire } from './wire.ts'

/** Whose frames those are. */
export interface Sender {
  readonly context: Context
  readonly alarms: Alarms
  readonly over: boolean
  readonly client: string
  readonly identity: string | undefined
  readonly delivery: { flushed(): void }
  end(code: number, reason: string): void
  failed(where: string, error: unknown): void
}

/** What goes out on one connection, and the watch over how slowly. */
export class Outflow implements Recipient {
  readonly unacked: number
  frames = 0
  readonly #sender: Sender
  readonly #wire: Wire
  #own: Own | undefined
  /** Undoes the end that a full buffer comes to. */
  #stuck: (() => void) | undefined

  constructor(sender: Sender, wire: Wire) {
    this.#sender = sender
    this.#wire = wire
    // Over HTTP nobody acknowledges: who listens reads no more than it can handle, and TCP holds the rest back.
    this.unacked = wire.transport === 'websocket' ? sender.context.settings.limits.unacked : Infinity
  }

  get buffered(): number {
    return this.#wire.buffered
  }

  /** Asked before each event. The first `false` sets the time in which it must become `true` again. */
  get writable(): boolean {
    const { bufferedBytes, slowMs } = this.#sender.context.settings.limits
    if (this.#wire.buffered <= Math.min(bufferedBytes, this.#wire.mostBuffered)) return true
    this.#stuck ??= this.#sender.alarms.set(slowMs, () => {
      this.#stuck = this.#sender.alarms.set(SECOND_LOOK_MS, () => this.#sender.end(4001, 'slow consumer'))
    })
    return false
  }

  send(frame: ServerFrame): void {
    const { metrics, settings } = this.#sender.context
    if (frame.t === 'err') metrics.addTo('refused_total', frame.code)
    this.#put({ t: frame.t, bytes: Buffer.from(JSON.stringify(frame)), binary: false })
    const { bufferedBytes, messageBytes } = settings.limits
    // Answers are not held back: who asks and does not listen is the one to go.
    if (this.#wire.buffered > 2 * (bufferedBytes + messageBytes)) this.#sender.end(4001, 'slow consumer')
  }

  deliver(event: OutgoingEvent): void {
    this.#sender.context.metrics.add('events_out_total')
    // Nothing is delivered before it is known who that is.
    this.#own ??= ownOf(this.#sender.identity, this.#sender.client)
    this.#put(event.for(this.#own))
  }

  gap(topic: string, gap: Gap, head: Head | undefined): void {
    this.#sender.context.metrics.addTo('gaps_total', gap.reason)
    // `gap` names no epoch: the subscription is answered anew, as if it had been made now.
    if (head) this.send({ t: 'subbed', topic, epoch: head.epoch, seq: head.seq, recovered: false })
    this.send({ t: 'gap', topic, ...gap })
  }

  later(again: () => void): void {
    this.#sender.context.later.add(again)
  }

  failed(error: unknown): void {
    this.#sender.failed('log.read', error)
  }

  /** Something was written out. */
  flushed(): void {
    if (!this.#stuck || this.#wire.buffered > this.#sender.context.settings.limits.bufferedBytes) return
    this.#stuck()
    this.#stuck = undefined
    this.#sender.delivery.flushed()
  }

  #put(frame: Outgoing): void {
    if (this.#sender.over) return
    this.frames++
    this.#wire.send(frame)
  }
}
