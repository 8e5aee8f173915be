import { ResilientError, unexpected } from '../core/resilient-error.ts'
import { encodeBinary } from './frames.ts'
import type { SessionHost } from './layer.ts'

/** What the outgoing side needs of the session. */
export interface Sender {
  readonly host: Pick<SessionHost, 'epochMs' | 'discarded' | 'report' | 'moved'>
  /** The id of the next message. */
  nextId(): string
  /** Sends on the connection that serves; `false` when there is none. */
  put(frame: string | Uint8Array<ArrayBuffer>): boolean
  /** Fresh credentials are wanted. */
  reauthenticate(): void
}

/** What became of a message in a session. */
export type DeliveryState =
  /** It waits to be sent. */
  | 'queued'
  /** It is on its way; the server has not said that it is stored. */
  | 'sent'
  /** The connection was lost before the server said so: it is sent again, under the same id. */
  | 'maybe-delivered'
  /** The server has stored it. */
  | 'acknowledged'
  /** The server would not recognize a resend any more (`dedupeMs`), so it was not sent again: only the app can find out. */
  | 'unknown'
  /** It waited longer than its `ttlMs`, and was never sent. */
  | 'expired'
  /** The server refused it. */
  | 'rejected'
  /** The app took it back before it was sent. */
  | 'cancelled'
  /** It was given up unsent: the socket closed, the outbox was full, or it was volatile. */
  | 'dropped'

/** A message of a session, as its sender sees it. */
export interface Delivery {
  readonly state: DeliveryState
  /** The same on every resend, and what the server's handlers are given. */
  readonly id: string
  /**
   * Resolves when the server has stored the message. Rejects with `ERR_REJECTED` when the server refused it, with
   * `ERR_UNDELIVERED` in every other end; `state` says which. Nobody has to listen.
   */
  readonly delivered: Promise<void>
  /** Takes it back; `false` when it has been sent, or is over. */
  cancel(): boolean
}

/** What is to be sent. */
export interface Parcel {
  readonly topic: string
  /** JSON, or bytes; a promise of bytes for a Blob. */
  readonly body: string | Uint8Array | Promise<Uint8Array>
  readonly bytes: number
  readonly request?: boolean
  readonly volatile?: boolean | undefined
  /** Epoch ms. */
  readonly expiresAt?: number
}

/** An `err` about one message. */
export interface Refusal {
  readonly code: string
  readonly message: string
  readonly retry: string
  readonly afterMs?: number
}

/** A message on its way. */
export class Entry implements Delivery {
  state: DeliveryState = 'queued'
  /** When it was first sent, epoch ms. */
  sentAt: number | null = null
  body: string | Uint8Array | null
  readonly id: string
  readonly parcel: Parcel
  readonly answer: Promise<unknown>
  readonly #cancel: (entry: Entry) => boolean
  #settle: ((answer: unknown) => void) | undefined
  #fail: ((error: unknown) => void) | undefined

  constructor(id: string, parcel: Parcel, cancel: (entry: Entry) => boolean) {
    this.id = id
    this.parcel = parcel
    this.body = parcel.body instanceof Promise ? null : parcel.body
    this.#cancel = cancel
    this.answer = new Promise((resolve, reject) => {
      this.#settle = resolve
      this.#fail = reject
    })
    // Whoever awaits it is told; whoever does not is not to be told by an unhandled rejection.
    this.answer.catch(() => {})
  }

  get delivered(): Promise<void> {
    const delivered = this.answer.then(() => {})
    delivered.catch(() => {})
    return delivered
  }

  cancel(): boolean {
    return this.#cancel(this)
  }

  /** A Blob has to be read first, and keeps its place meanwhile. */
  read(done: () => void, failed: (failure: ResilientError) => void): void {
    const { body } = this.parcel
    if (!(body instanceof Promise)) return
    body.then(
      bytes => {
        this.body = bytes
        done()
      },
      cause => {
        const failure = new ResilientError('ERR_SEND', 'A Blob could not be read, and was not sent.', cause)
        this.end('dropped', failure)
        failed(failure)
      },
    )
  }

  frame(): string | Uint8Array<ArrayBuffer> {
    const { id, body, parcel } = this
    const header = { t: 'msg', id, topic: parcel.topic, ...(parcel.request && { request: true }) }
    if (body instanceof Uint8Array) return encodeBinary(header, body)
    return `${JSON.stringify(header).slice(0, -1)},"data":${body ?? 'null'}}`
  }

  end(state: DeliveryState, answer?: unknown): void {
    this.state = state
    if (answer instanceof ResilientError) this.#fail?.(answer)
    else this.#settle?.(answer)
  }
}

/** Whoever waits until everything has been sent. */
export class Drains {
  #waiting: readonly { readonly resolve: () => void; readonly reject: (failure: unknown) => void }[] = []

  add(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting = [...this.#waiting, { resolve, reject }]
    })
  }

  settle(failure?: ResilientError): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { resolve, reject } of waiting) failure ? reject(failure) : resolve()
  }
}

/** For whoever awaits what will not be. */
export function undelivered(fact: string): ResilientError {
  return new ResilientError('ERR_UNDELIVERED', fact)
}

/** By its tag and not by `instanceof`: a buffer from an iframe is one too. */
function is<T>(value: unknown, ...tags: string[]): value is T {
  return tags.includes(Object.prototype.toString.call(value).slice(8, -1))
}

/** What an app sends, as it goes over the wire: JSON, or bytes, copied now. @throws ResilientError `ERR_OPTION` for what is neither. */
export function parcelOf(topic: string, value: unknown): Parcel {
  if (is<Blob>(value, 'Blob', 'File')) {
    return { topic, body: value.arrayBuffer().then(buffer => new Uint8Array(buffer)), bytes: value.size }
  }
  const bytes = is<ArrayBuffer>(value, 'ArrayBuffer')
    ? new Uint8Array(value.slice(0))
    : ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice()
      : undefined
  const body = bytes ?? json(value)
  if (body === undefined) throw unexpected('ERR_OPTION', 'the message', 'JSON, or bytes', value)
  return { topic, body, bytes: typeof body === 'string' ? new TextEncoder().encode(body).length : body.length }
}

function json(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    // A circle, or a BigInt.
    return undefined
  }
}
