import { type Outbox, outbox, type Queued } from '../core/outbox.ts'
import { ResilientError } from '../core/resilient-error.ts'
import type { Clock } from '../runtime/clock.ts'
import type { DeliveryState } from '../session/delivery.ts'
import { bufferedBy, type Carrier, type Sendable } from '../transports/transport.ts'
import { DRAIN_EVERY_MS, OUTBOX_BYTES, OUTBOX_MESSAGES, VOLATILE_BYTES } from './defaults.ts'
import type { Discard } from './events.ts'
import { snapshot } from './messages.ts'
import type { OutboxOptions } from './options.ts'
import { closedForGood } from './readiness.ts'

/** How one message is sent. */
export interface SendOptions {
  /** Worth sending only now: it is dropped where it would have to wait, for a connection or for 64 KiB of others. @defaultValue false */
  readonly volatile?: boolean
  /** How long it may wait, in ms. @defaultValue `outbox.ttlMs` */
  readonly ttlMs?: number
}

/** What became of a message. `sent` says that the platform has it; whether it arrived only the server can say, in a session: without one it is `queued`, `sent`, `cancelled`, `expired` or `dropped`. */
export interface Message {
  readonly state: DeliveryState
  /** Takes it out of the outbox; `false` when it is not there any more. */
  cancel(): boolean
}

/** A message as long as somebody may look at it. */
class Entry implements Queued<Sendable>, Message {
  state: Message['state'] = 'queued'
  readonly message: Sendable
  readonly bytes: number
  readonly expiresAt: number
  readonly #sending: Sending | undefined

  constructor(message: Sendable, bytes: number, expiresAt: number, sending?: Sending) {
    this.message = message
    this.bytes = bytes
    this.expiresAt = expiresAt
    this.#sending = sending
  }

  cancel(): boolean {
    return !!this.#sending?.cancel(this)
  }
}

/** A message that never waited. */
function settled(message: Sendable, bytes: number, state: Message['state']): Message {
  const entry = new Entry(message, bytes, Infinity)
  entry.state = state
  return entry
}

/** What sending needs of the socket. */
interface Host {
  readonly clock: Clock
  /** Epoch time minus monotonic time. */
  readonly drift: number
  readonly carrier: Carrier | undefined
  readonly ended: boolean
  /** There is an outbox. */
  readonly keeps: boolean
  /** Sends as it is. */
  send(data: Sendable): void
  /** A counter moved. */
  counted(): void
  emit(type: 'discard', event: Discard): void
  report(error: unknown): void
}

interface Drain {
  readonly resolve: () => void
  readonly reject: (error: ResilientError) => void
}

/** What waits to be sent, and who waits for it. Made for the first message that has to wait. */
export class Sending {
  readonly #host: Host
  readonly #options: OutboxOptions
  readonly #outbox: Outbox<Entry>
  #drains: readonly Drain[] = []
  #lookAt = Infinity

  constructor(host: Host, options: OutboxOptions) {
    const { maxMessages = OUTBOX_MESSAGES, maxBytes = OUTBOX_BYTES } = options
    this.#host = host
    this.#options = options
    this.#outbox = outbox(maxMessages, maxBytes)
  }

  get messages(): number {
    return this.#outbox.messages
  }

  get bytes(): number {
    return this.#outbox.bytes
  }

  /** When something is due here, monotonic ms. */
  get dueAt(): number {
    return Math.min(this.#lookAt, this.#outbox.expiresAt - this.#host.drift)
  }

  /** What waits grows old while the machine sleeps too, and monotonic time stands still then: so this is epoch time. */
  get #now(): number {
    const { clock, drift } = this.#host
    return clock.now() + drift
  }

  /** Sends a message that is looked at first; `open` is the connection that takes it now. */
  send(data: Sendable, open: { readonly carrier: Carrier } | null, { volatile, ttlMs }: SendOptions = {}): Message {
    const { maxMessageBytes = Infinity } = this.#options
    const [message, bytes] = snapshot(data)
    if (bytes > maxMessageBytes) {
      throw new ResilientError(
        'ERR_MESSAGE_TOO_BIG',
        `The message has ${bytes} bytes, \`outbox.maxMessageBytes\` is ${maxMessageBytes}: split it, or raise it.`,
      )
    }
    const { ended, keeps } = this.#host
    if (volatile && (!open || bufferedBy(open.carrier) > VOLATILE_BYTES)) {
      this.#host.emit('discard', { messages: 1, bytes, why: 'volatile' })
      return settled(message, bytes, 'dropped')
    }
    if (!open && !ended && keeps) return this.queue(message, bytes, ttlMs)
    this.#host.send(message)
    return settled(message, bytes, open ? 'sent' : 'dropped')
  }

  queue(message: Sendable, bytes: number, ttlMs: number = this.#options.ttlMs ?? Infinity): Message {
    const { overflow = 'throw' } = this.#options
    const entry = new Entry(message, bytes, this.#now + ttlMs, this)
    const dropped: Entry[] = []
    let bound = this.#outbox.add(entry)
    if (bound && overflow === 'throw') {
      throw new ResilientError('ERR_OUTBOX_FULL', `\`outbox.${bound}\` reached: await \`drained()\`, or raise it.`)
    }
    // One that cannot fit does not push the others out.
    const fits = overflow === 'drop-oldest' && bytes <= (this.#options.maxBytes ?? OUTBOX_BYTES)
    for (let oldest = bound && fits && this.#outbox.take(); oldest; oldest = bound && this.#outbox.take()) {
      dropped.push(oldest)
      bound = this.#outbox.add(entry)
    }
    if (bound) dropped.push(entry)
    this.#host.counted()
    // Told when it is done: who hears of it may send.
    this.#settle(dropped, 'dropped', 'overflow')
    return entry
  }

  /** Everything goes. */
  drop(why: 'closed' | 'identity'): void {
    this.#settle(this.#take(), 'dropped', why)
  }

  cancel(entry: Entry): boolean {
    const [taken] = this.#take(each => each === entry)
    if (!taken) return false
    taken.state = 'cancelled'
    this.due()
    return true
  }

  /** Takes out what the test says yes to. */
  #take(test: (entry: Entry) => boolean = () => true): readonly Entry[] {
    const taken = this.#outbox.drop(test)
    if (taken.length) this.#host.counted()
    return taken
  }

  #settle(entries: readonly Entry[], state: Message['state'], why: Discard['why']): void {
    for (const entry of entries) entry.state = state
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0)
    if (entries.length) this.#host.emit('discard', { messages: entries.length, bytes, why })
  }

  /** Sends what waits, while `open()` gives a way out. */
  flush(open: () => { sent: number; readonly carrier: Carrier } | null): void {
    this.due()
    for (let link = open(); link; link = open()) {
      const first = this.#outbox.take()
      if (!first) break
      first.state = 'sent'
      try {
        link.sent++
        link.carrier.send(first.message)
      } catch (cause) {
        first.state = 'dropped'
        this.#host.report(new ResilientError('ERR_SEND', 'A queued message was refused, and dropped.', cause))
      }
    }
    this.due()
  }

  drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#drains = [...this.#drains, { resolve, reject }]
      this.due()
    })
  }

  /** Does what is due. The platform has no event for `bufferedAmount`, so it is looked at. */
  due(): void {
    const now = this.#now
    if (this.#outbox.expiresAt <= now) {
      const expired = this.#take(({ expiresAt }) => expiresAt <= now)
      this.#settle(expired, 'expired', 'expired')
    }
    const drains = this.#drains
    if (!drains.length) return
    const { ended, carrier, clock } = this.#host
    const written = ended || !bufferedBy(carrier)
    // What is in the outbox is sent by the next connection, and looked at then.
    this.#lookAt = written || this.messages ? Infinity : clock.now() + DRAIN_EVERY_MS
    if (!written || (this.messages && !ended)) {
      this.#host.counted()
      return
    }
    this.#drains = []
    for (const { resolve, reject } of drains) {
      if (ended) reject(closedForGood())
      else resolve()
    }
  }
}
