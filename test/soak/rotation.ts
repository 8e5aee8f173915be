// Credentials rotate under load: in-band, and by a second connection where the server does not take `auth`.
import { setTimeout as after } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { mulberry32 } from '../../src/testing/seeded.ts'
import { soakClient } from './client.ts'
import { Ledger } from './ledger.ts'
import { tookOver } from './lines.ts'
import { settled, verify } from './verdict.ts'
import { startWorld } from './world.ts'

export interface RotationOptions {
  /** `in-band`: over the connection that serves. `second connection`: the server is made deaf to `auth`. */
  readonly how: 'in-band' | 'second connection'
  readonly everyMs: number
  readonly seconds: number
  readonly perSecond: number
  readonly seed: number
}

export interface RotationResult {
  readonly ledger: Ledger
  /** Credentials that the client was given, that it sent as `auth`, and that the server took so. */
  readonly renewed: number
  readonly said: number
  readonly taken: number
  readonly handovers: number
}

const TOPIC = 'rotation'

export async function rotation({ how, everyMs, seconds, perSecond, seed }: RotationOptions): Promise<RotationResult> {
  const world = await startWorld({ restarts: false })
  const ledger = new Ledger()
  let said = 0
  let taken = 0
  let renewed = 0
  let handovers = 0

  class Watched extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      this.on('message', message => {
        if (`${message}`.startsWith('{"t":"authok"')) taken++
      })
    }

    override send(frame: Parameters<WebSocket['send']>[0]): void {
      const isAuth = typeof frame === 'string' && frame.startsWith('{"t":"auth"')
      if (isAuth) said++
      if (!(isAuth && how === 'second connection')) super.send(frame)
    }
  }

  const common = { port: world.port, topics: [TOPIC], ledger, nodes: world.nodes, chance: mulberry32(seed) }
  const client = soakClient({ number: 1, ...common, steady: true, dialsWith: Watched })
  const other = soakClient({ number: 2, ...common })
  try {
    await Promise.all([client.socket.ready(), other.socket.ready()])
    client.onStep(record => {
      if (record.event.type === 'renewed' && !('same' in record.event && record.event.same)) renewed++
      if (tookOver(record)) handovers++
    })
    const from = performance.now()
    let rotations = 0
    for (let sent = 0; performance.now() - from < seconds * 1_000; await after(5)) {
      const ms = performance.now() - from
      for (; sent < (ms * perSecond) / 1_000; sent++) client.say()
      if (ms < (rotations + 1) * everyMs) continue
      rotations++
      client.socket.refreshAuth()
    }
    await settled([client, other], ledger)
    await verify([client, other], ledger, world.redis)
    return { ledger, renewed, said, taken, handovers }
  } finally {
    client.close()
    other.close()
    await world.close()
  }
}
