import type { ServerFrame } from '../session/frames.ts'
import { type Alarms, SECOND_LOOK_MS } from './alarms.ts'
import type { Context } from './context.ts'
import type { Wire } from './wire.ts'

/** Silence of so many heartbeats is the end. */
const SILENT_HEARTBEATS = 2.5

/** Whose life it is. */
export interface Living {
  readonly context: Context
  readonly alarms: Alarms
  send(frame: ServerFrame): void
  end(code: number, reason: string): void
}

/**
 * Whether the other side lives. Over a WebSocket it is heard. On a stream nobody can be heard: it lives as long as what is
 * written moves on.
 */
export class Heartbeat {
  readonly #living: Living
  readonly #wire: Wire
  #lifeAt: number
  #pings = 0
  #paused = false
  /** There was no life at the last look. */
  #doubted = false

  constructor(living: Living, wire: Wire) {
    this.#living = living
    this.#wire = wire
    this.#lifeAt = living.context.settings.clock.now()
  }

  /** A sign of life. */
  lives(): void {
    this.#lifeAt = this.#living.context.settings.clock.now()
  }

  /** Who is not read cannot be heard. */
  pause(paused: boolean): void {
    this.#paused = paused
    this.lives()
  }

  /** Once it was welcomed. */
  start(): void {
    this.#beat()
  }

  get #listens(): boolean {
    return this.#wire.transport === 'websocket'
  }

  get #silent(): boolean {
    const { heartbeatMs, clock } = this.#living.context.settings
    return !this.#paused && clock.now() - this.#lifeAt > SILENT_HEARTBEATS * heartbeatMs
  }

  #beat(): void {
    const { alarms, context } = this.#living
    const { heartbeatMs, clock } = context.settings
    // Nothing waits to be written.
    if (!this.#listens && this.#wire.buffered === 0) this.lives()
    const looked = this.#doubted
    this.#doubted = this.#silent
    if (this.#doubted && looked) {
      this.#living.end(4000, this.#listens ? 'nothing heard' : 'nothing was read')
      return
    }
    if (this.#doubted) {
      alarms.set(SECOND_LOOK_MS, () => this.#beat())
      return
    }
    if (this.#pings++) this.#living.send(this.#listens ? { t: 'ping', n: this.#pings - 1 } : { t: 'ping' })
    const left = this.#lifeAt + SILENT_HEARTBEATS * heartbeatMs + 1 - clock.now()
    alarms.set(left > 0 ? Math.min(heartbeatMs, left) : heartbeatMs, () => this.#beat())
  }
}
