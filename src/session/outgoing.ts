import { ResilientError } from '../core/resilient-error.ts'
import { type DeliveryState, Drains, Entry, type Parcel, type Refusal, type Sender, undelivered } from './delivery.ts'
import { CLAMPS, clamp, type Limits, type Retry } from './frames.ts'
import type { SessionHost } from './layer.ts'

/** The messages of a client: each with an id that is the same on every resend, in order, until the server has answered it. */
export class Outgoing {
  /** Not on the wire, in order. */
  #waiting: Entry[] = []
  /** On the wire, in order. */
  readonly #flight = new Map<string, Entry>()
  #bytes = 0
  #limits: Limits = {}
  /** The server asked to hold everything until then, epoch ms; `Infinity` while it does not. */
  #heldUntil = Infinity
  /** When the first of those that were never sent expires, epoch ms. */
  #soonest = Infinity
  readonly #drains = new Drains()
  readonly #sender: Sender
  readonly #bounds: SessionHost['outbox']

  constructor(sender: Sender, bounds: SessionHost['outbox']) {
    this.#sender = sender
    this.#bounds = bounds
  }

  /** What waits to be sent. */
  get messages(): number {
    return this.#waiting.length
  }

  get bytes(): number {
    return this.#waiting.reduce((sum, { parcel }) => sum + parcel.bytes, 0)
  }

  /** Messages whose fate is open: waiting, or on the wire. */
  get open(): number {
    return this.#waiting.length + this.#flight.size
  }

  /** When something is due here, epoch ms. */
  get dueAt(): number {
    return Math.min(this.#soonest, this.#waiting.length ? this.#heldUntil : Infinity)
  }

  send(parcel: Parcel): Entry {
    const { messageBytes } = this.#limits
    const allowed = messageBytes === undefined ? Infinity : clamp(messageBytes, CLAMPS.messageBytes)
    const most = Math.min(allowed, this.#bounds.maxMessageBytes)
    if (parcel.bytes > most) {
      throw new ResilientError(
        'ERR_MESSAGE_TOO_BIG',
        `The message has ${parcel.bytes} bytes, ${most} are taken: split it.`,
      )
    }
    const entry = new Entry(this.#sender.nextId(), parcel, each => this.cancel(each))
    if (parcel.volatile && !this.#room) {
      this.#drop([entry], 'dropped', 'volatile')
      return entry
    }
    this.#fit(entry)
    if (entry.state !== 'queued') return entry
    this.#waiting.push(entry)
    this.#bytes += parcel.bytes
    this.#soonest = Math.min(this.#soonest, parcel.expiresAt ?? Infinity)
    entry.read(
      () => this.pump(),
      failure => {
        this.#take(entry)
        this.#sender.host.report(failure)
        this.pump()
      },
    )
    this.pump()
    // One that could not go at once is not worth sending later.
    if (parcel.volatile && entry.state === 'queued') {
      this.#take(entry)
      this.#drop([entry], 'dropped', 'volatile')
    }
    this.#sender.host.moved()
    return entry
  }

  /** Makes room, or throws. What was sent before is never dropped: it may have arrived. */
  #fit(entry: Entry): void {
    const { maxMessages, maxBytes, overflow } = this.#bounds
    const { bytes } = entry.parcel
    const dropped: Entry[] = []
    const full = (): string | null => {
      if (this.open >= maxMessages) return 'maxMessages'
      return this.#bytes + bytes > maxBytes ? 'maxBytes' : null
    }
    const fits = overflow === 'drop-oldest' && bytes <= maxBytes
    for (
      let oldest = full() && fits ? this.#unsent() : undefined;
      oldest;
      oldest = full() ? this.#unsent() : undefined
    ) {
      this.#take(oldest)
      dropped.push(oldest)
    }
    const bound = full()
    if (bound && overflow === 'throw') {
      throw new ResilientError('ERR_OUTBOX_FULL', `\`outbox.${bound}\` reached: await \`drained()\`, or raise it.`)
    }
    if (bound) dropped.push(entry)
    this.#drop(dropped, 'dropped', 'overflow')
  }

  #unsent(): Entry | undefined {
    return this.#waiting.find(({ sentAt }) => sentAt === null)
  }

  /** One more may go: the server holds nothing back, until `due()` says otherwise. */
  get #room(): boolean {
    return this.#flight.size < clamp(this.#limits.inFlight, CLAMPS.inFlight) && this.#heldUntil === Infinity
  }

  /** A connection serves: what may have been lost goes first, in the order in which it was sent. */
  connected(limits: Limits): void {
    this.#limits = limits
    this.#heldUntil = Infinity
    this.lost()
    for (const entry of this.#waiting.filter(each => this.#outdated(each))) this.#forget(entry)
    this.pump()
    this.#sender.host.moved()
  }

  /** Sent so long ago that the server would take a resend for another message. */
  #outdated({ sentAt }: Entry): boolean {
    const { dedupeMs } = this.#limits
    return sentAt !== null && sentAt < this.#sender.host.epochMs - clamp(dedupeMs, CLAMPS.dedupeMs)
  }

  #forget(entry: Entry): void {
    this.#take(entry)
    entry.end('unknown', undelivered('The server would not recognize a resend any more.'))
  }

  /** The connection is gone: nobody knows what arrived. What is volatile is not worth asking again. */
  lost(): void {
    if (!this.#flight.size) return
    for (const entry of this.#flight.values()) {
      if (entry.parcel.volatile) this.abandon(entry)
      else entry.state = 'maybe-delivered'
    }
    this.#waiting = [...this.#flight.values(), ...this.#waiting]
    this.#flight.clear()
    this.#sender.host.moved()
  }

  /** Sends what may go now. */
  pump(): void {
    while (this.#room) {
      const [first] = this.#waiting
      // It has waited behind one that the server did not take. What was refused itself is sent again at any age.
      if (first?.state === 'maybe-delivered' && this.#outdated(first)) {
        this.#forget(first)
        continue
      }
      // One whose bytes are still being read holds the others: order is order.
      if (!first || first.body === null || !this.#sender.put(first.frame())) break
      this.#waiting.shift()
      this.#flight.set(first.id, first)
      first.sentAt ??= this.#sender.host.epochMs
      first.state = 'sent'
    }
    this.#drain()
  }

  /** The server has stored a message. */
  stored(id: string, answer: unknown): void {
    const entry = this.#take(id)
    entry?.end('acknowledged', answer)
    if (entry) this.pump()
  }

  /** The server refused a message. */
  refused(id: string, { code, message, retry, afterMs }: Refusal): void {
    const again: Retry = retry === 'later' || retry === 'auth' ? retry : 'never'
    const entry = this.#flight.get(id)
    if (!entry) {
      // Behind one that was refused: now it is known of this one too.
      const waits = this.#waiting.find(each => each.id === id)
      if (waits?.state === 'maybe-delivered' && again !== 'never') waits.state = 'queued'
      return
    }
    if (again === 'never') {
      this.#take(id)
      entry.end('rejected', new ResilientError('ERR_REJECTED', `The server refused a message: ${code}. ${message}`))
      this.pump()
    } else {
      // Everything behind it waits too: what a topic is sent stays in order.
      this.lost()
      entry.state = 'queued'
      this.#heldUntil =
        this.#sender.host.epochMs + clamp(afterMs, again === 'auth' ? CLAMPS.afterAuthMs : CLAMPS.afterMs)
      if (again === 'auth') this.#sender.reauthenticate()
    }
    this.#sender.host.moved()
  }

  /** Fresh credentials were taken: what waited for them goes. */
  authenticated(): void {
    this.#heldUntil = Infinity
    this.pump()
  }

  /** Does what is due. */
  due(): void {
    const now = this.#sender.host.epochMs
    if (this.#heldUntil <= now) this.#heldUntil = Infinity
    if (this.#soonest <= now) {
      const over = this.#waiting.filter(
        ({ sentAt, parcel }) => sentAt === null && (parcel.expiresAt ?? Infinity) <= now,
      )
      for (const entry of over) this.#take(entry)
      this.#soonest = this.#waiting.reduce(
        (least, { sentAt, parcel }) => Math.min(least, sentAt === null ? (parcel.expiresAt ?? Infinity) : Infinity),
        Infinity,
      )
      this.#drop(over, 'expired', 'expired')
    }
    this.pump()
  }

  cancel(entry: Entry): boolean {
    if (entry.sentAt !== null || !this.#waiting.includes(entry)) return false
    this.#take(entry)
    entry.end('cancelled', undelivered('It was cancelled.'))
    this.#drain()
    this.#sender.host.moved()
    return true
  }

  /** Nothing will be sent any more. What was sent and not answered has an unknown fate. */
  end(why: 'closed' | 'identity'): void {
    this.lost()
    const all = this.#waiting
    this.#waiting = []
    this.#bytes = 0
    this.#soonest = Infinity
    for (const entry of all.filter(({ sentAt }) => sentAt !== null)) {
      entry.end('unknown', undelivered('Sent, and not acknowledged when the session ended.'))
    }
    this.#drop(
      all.filter(({ sentAt }) => sentAt === null),
      'dropped',
      why,
    )
    this.#drain(undelivered('The socket is closed.'))
    this.#sender.host.moved()
  }

  /** Nobody waits for the answer any more: it is not sent again. */
  abandon(entry: Entry): void {
    if (this.cancel(entry) || !this.#take(entry)) return
    entry.end('unknown', undelivered('Nobody waits for it any more.'))
    this.#drain()
  }

  /** Everything that waits, taken out: for a server that turned out to be a plain one. */
  handBack(): readonly Parcel[] {
    const all = this.#waiting
    this.#waiting = []
    this.#bytes = 0
    for (const entry of all) entry.end('dropped', undelivered('The server does not speak the session protocol.'))
    return all.map(({ parcel }) => parcel)
  }

  /** Resolves when the server has everything. */
  drained(): Promise<void> {
    const drained = this.#drains.add()
    this.#drain()
    return drained
  }

  #drain(failure?: ResilientError): void {
    if (!this.open) this.#drains.settle(failure)
  }

  #drop(entries: readonly Entry[], state: DeliveryState, why: Parameters<SessionHost['discarded']>[2]): void {
    for (const entry of entries) entry.end(state, undelivered(`Not sent: ${state}, ${why}.`))
    const bytes = entries.reduce((sum, { parcel }) => sum + parcel.bytes, 0)
    if (entries.length) this.#sender.host.discarded(entries.length, bytes, why)
  }

  #take(what: Entry | string): Entry | undefined {
    const id = typeof what === 'string' ? what : what.id
    const flying = this.#flight.get(id)
    const entry = flying ?? this.#waiting.find(each => each.id === id)
    if (!entry) return undefined
    if (flying) this.#flight.delete(id)
    else this.#waiting = this.#waiting.filter(each => each !== entry)
    this.#bytes -= entry.parcel.bytes
    return entry
  }
}
