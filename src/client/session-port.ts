import type { MachineEvent } from '../core/event.ts'
import { unexpected } from '../core/resilient-error.ts'
import type { SessionHost, SessionLayer } from '../session/layer.ts'
import type { Gap } from '../session/stream.ts'
import { OUTBOX_BYTES, OUTBOX_MESSAGES } from './defaults.ts'
import type { Engine } from './engine.ts'
import type { Discard } from './events.ts'

/** Makes the session of a socket. @throws ResilientError `ERR_OPTION` for what `session()` did not give. */
export function sessionOf(engine: Engine): SessionLayer | undefined {
  const { session, outbox } = engine.options
  if (!session) return undefined
  if (outbox === false) {
    throw unexpected('ERR_OPTION', 'outbox', 'an object: a session keeps what is not acknowledged', outbox)
  }
  let layer: unknown
  try {
    layer = session(new SessionPort(engine))
  } catch (cause) {
    layer = cause
  }
  if (isLayer(layer)) return layer
  throw unexpected('ERR_OPTION', 'session', 'what `session()` of `holdfast/session` gives', layer)
}

function isLayer(made: unknown): made is SessionLayer {
  return made instanceof Object && 'greet' in made
}

/** The socket, as its session sees it. Made only where there is one. */
class SessionPort implements SessionHost {
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  get clock(): SessionHost['clock'] {
    return this.#engine.clock
  }

  get epochMs(): number {
    const { clock, drift } = this.#engine
    return clock.now() + drift
  }

  get binaryType(): BinaryType {
    return this.#engine.binaryType
  }

  get outbox(): SessionHost['outbox'] {
    const { maxMessages, maxBytes, maxMessageBytes, overflow, ttlMs } = this.#engine.options.outbox || {}
    return {
      maxMessages: maxMessages ?? OUTBOX_MESSAGES,
      maxBytes: maxBytes ?? OUTBOX_BYTES,
      maxMessageBytes: maxMessageBytes ?? Infinity,
      overflow: overflow ?? 'throw',
      ttlMs: ttlMs ?? Infinity,
    }
  }

  get degraded(): SessionHost['degraded'] {
    const { serving, dial } = this.#engine.state
    return { serving: !!serving?.transport, dial: !!dial?.transport }
  }

  get credentials(): boolean {
    return this.#engine.rules.credentials
  }

  dispatch(event: MachineEvent): void {
    this.#engine.dispatch(event)
  }

  write(number: number, frame: string | Uint8Array<ArrayBuffer>): boolean {
    return this.#engine.connections.write(number, frame)
  }

  message(data: unknown, extra: object): void {
    const origin = originOf(this.#engine.link?.url)
    this.#engine.hearMessage()
    this.#engine.fire(Object.assign(new MessageEvent('message', { data, origin }), extra))
    this.#engine.counted()
  }

  hear(): void {
    this.#engine.hear()
  }

  fail(number: number): void {
    this.#engine.connections.ended(number, 1006, '')
  }

  gap(gap: Gap): void {
    this.#engine.emit('gap', gap)
  }

  discarded(messages: number, bytes: number, why: Discard['why']): void {
    this.#engine.emit('discard', { messages, bytes, why })
  }

  report(error: unknown): void {
    this.#engine.report(error)
  }

  moved(): void {
    if (this.#engine.started) this.#engine.counted()
  }

  plainly(message: string | Uint8Array<ArrayBuffer>): void {
    this.#engine.send(message)
  }
}

/** The origin of a connection, as a message event has it [WHATWG WebSockets §4]. */
function originOf(url = ''): string {
  return /^wss?:\/\/[^/?#]*/.exec(url)?.[0] ?? ''
}
