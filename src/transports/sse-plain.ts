import { ResilientError } from '../core/resilient-error.ts'
import { EventStreamParser, type StreamEvent } from './event-stream-parser.ts'
import type { Near } from './http-carrier.ts'
import { broken, type End, endOf, FINAL, notOffered } from './http-end.ts'
import type { Http } from './http-request.ts'
import { PlainConnection } from './plain-connection.ts'
import type { SendFunction } from './plain-outlet.ts'
import type { DialRequest } from './transport.ts'

/** What any server may ask for, at most. */
const RETRY_CAP_S = 600

/** What a stream of a server that is not ours is read with. */
export interface PlainStreamOptions {
  readonly events: readonly string[]
  readonly dataOf: (event: StreamEvent) => unknown
  readonly silentMs: number
  readonly send: SendFunction | undefined
  /** Where the last connection was. */
  readonly memory: { lastEventId: string }
}

/** Any event stream: what the platform's EventSource reads. */
export class PlainStream extends PlainConnection {
  readonly #http: Http
  readonly #options: PlainStreamOptions
  #retryS: number | null = null
  #heardAt = 0

  constructor(near: Near, http: Http, request: DialRequest, options: PlainStreamOptions) {
    super(near, request, http.url.href, options.send)
    this.#http = http
    this.#options = options
    void Promise.resolve()
      .then(() => this.#read())
      .then(end => this.fail(end))
  }

  async #read(): Promise<End> {
    const { memory } = this.#options
    const { token } = this.request
    let opened = false
    try {
      const headers = {
        accept: 'text/event-stream',
        ...(memory.lastEventId && { 'last-event-id': memory.lastEventId }),
      }
      const response = await this.#http.ask(this.#http.url.href, { headers, signal: this.signal }, token)
      if (response.status === 204) return FINAL
      if (!response.ok) return endOf(response)
      const type = response.headers.get('content-type') ?? 'nothing'
      if (!type.startsWith('text/event-stream')) return notOffered(`${type.slice(0, 40)} instead of an event stream`)
      if (!response.body) return notOffered('this `fetch` gives no streams')
      opened = true
      this.near.opened('')
      this.#hear()
      this.#watch()
      await this.#follow(response.body.getReader())
      return this.#over()
    } catch (cause) {
      if (cause instanceof RangeError) return broken('an event that is too big', true)
      if (cause instanceof ResilientError) {
        this.request.report(cause)
        return broken('an event that cannot be read')
      }
      return opened ? this.#over() : broken('the request failed', true)
    }
  }

  async #follow(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const { events, dataOf, memory } = this.#options
    const parser = new EventStreamParser(
      {
        event: event => {
          if (!this.signal.aborted && events.includes(event.type))
            this.near.message(read(event, dataOf), event.lastEventId)
        },
        retry: ms => {
          this.#retryS = Math.min(Math.ceil(ms / 1_000), RETRY_CAP_S)
        },
      },
      {},
      memory.lastEventId,
    )
    try {
      for (let piece = await reader.read(); !piece.done && !this.signal.aborted; piece = await reader.read()) {
        this.#hear()
        parser.feed(piece.value)
        memory.lastEventId = parser.lastEventId
      }
    } finally {
      reader.cancel().catch(() => {})
    }
  }

  /** The server may have said when to come back; 1012 is the code that lets it. */
  #over(): End {
    const reason = 'the stream ended'
    if (this.#retryS === null) return broken(reason)
    return { code: 1012, reason: `${reason}; after=${this.#retryS}`, wasClean: false, erred: false }
  }

  #hear(): void {
    this.#heardAt = this.request.clock.now()
  }

  #watch(): void {
    const { clock } = this.request
    const { silentMs } = this.#options
    if (silentMs === Infinity || this.signal.aborted) return
    const left = this.#heardAt + silentMs - clock.now()
    if (left <= 0) this.fail(broken(`silent: nothing for ${Math.round(silentMs / 1_000)} s`))
    else {
      const cancel = clock.schedule(clock.now() + left, () => this.#watch())
      this.signal.addEventListener('abort', cancel, { once: true })
    }
  }
}

/** A RangeError of the app's is none of the parser's. */
function read(event: StreamEvent, dataOf: PlainStreamOptions['dataOf']): unknown {
  try {
    return dataOf(event)
  } catch (cause) {
    throw new ResilientError('ERR_HANDLER', '`sse.dataOf` threw: that connection is given up.', cause)
  }
}
