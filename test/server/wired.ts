/** Connections without sockets: what a server sends is a list, time is a virtual clock, and nothing waits for I/O. */
import { Connection } from '../../src/server/connection.ts'
import { type Context, contextOf } from '../../src/server/context.ts'
import { Drain } from '../../src/server/drain.ts'
import { type Log, memoryLog, type ServerRecord, type SessionServerOptions } from '../../src/server/index.ts'
import type { Outgoing } from '../../src/server/outgoing.ts'
import { settingsOf } from '../../src/server/settings.ts'
import type { Transport, Wire } from '../../src/server/wire.ts'
import { decodeBinary } from '../../src/session/frames.ts'
import { type VirtualClock, virtualClock } from '../../src/testing/virtual-clock.ts'
import { type Frame, hello } from './raw-client.ts'

export class ListWire implements Wire {
  readonly transport: Transport
  readonly mostBuffered: number = Infinity
  /** Set by a test: how much waits for the other side. */
  buffered = 0
  paused = false
  readonly frames: Frame[] = []
  ended: { readonly code: number; readonly reason: string } | undefined

  constructor(transport: Transport = 'websocket') {
    this.transport = transport
  }

  send({ bytes, binary }: Outgoing): void {
    if (!binary) this.frames.push(JSON.parse(Buffer.from(bytes).toString()))
    else {
      const [header, data] = decodeBinary(new Uint8Array(bytes).buffer)
      this.frames.push({ ...Object(header), bytes: data })
    }
  }

  end(code: number, reason: string): void {
    this.ended = { code, reason }
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
  }
}

export interface Wired {
  readonly wire: ListWire
  readonly connection: Connection
  /** What it was sent, by type. */
  of(type: string): readonly Frame[]
  send(...frames: readonly object[]): void
  raw(text: string): void
}

export interface Endpoint {
  readonly context: Context
  readonly clock: VirtualClock
  readonly log: Log
  readonly drain: Drain
  readonly records: readonly ServerRecord[]
  connect(more?: {
    readonly address?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly transport?: Transport
  }): Wired
  /** Lets promises settle. */
  settle(): Promise<void>
  /** Connects, says hello, and settles. */
  greeted(more?: object): Promise<Wired>
}

export function endpoint(options: SessionServerOptions = {}): Endpoint {
  const clock = virtualClock()
  const log = options.log ?? memoryLog({ clock })
  const records: ServerRecord[] = []
  const drain = new Drain(clock)
  const settings = settingsOf({ clock, onLog: record => records.push(record), ...options })
  const context = contextOf(settings, log, () => drain.goaway())
  // A task of its own: promises settle before it, however deep they are chained.
  const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
  const connect: Endpoint['connect'] = ({ address = '192.0.2.1', headers = {}, transport } = {}) => {
    const wire = new ListWire(transport)
    const connection = new Connection(context, wire, { address, network: address, headers })
    context.roster.arrived(connection)
    return {
      wire,
      connection,
      of: type => wire.frames.filter(({ t }) => t === type),
      send(...frames) {
        for (const frame of frames) connection.receive(Buffer.from(JSON.stringify(frame)), false)
      },
      raw: text => connection.receive(Buffer.from(text), false),
    }
  }
  return {
    context,
    clock,
    log,
    drain,
    records,
    connect,
    settle,
    async greeted(more) {
      const wired = connect()
      wired.send(hello(more))
      await settle()
      return wired
    },
  }
}
