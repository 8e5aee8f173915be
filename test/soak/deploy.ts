// A rolling deploy: the nodes are drained and replaced, one after the other, under many clients.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as after } from 'node:timers/promises'
import { mulberry32 } from '../../src/testing/seeded.ts'
import { type SoakClient, soakClient } from './client.ts'
import { Ledger } from './ledger.ts'
import { settled, verify } from './verdict.ts'
import { startWorld } from './world.ts'

export interface DeployOptions {
  readonly clients: number
  /** Over how long each node's clients spread their dials. */
  readonly spreadMs: number
  readonly seed: number
  /** How often each client says something. */
  readonly sayEveryMs: number
}

export interface DeployResult {
  readonly ledger: Ledger
  /** The most dials that began within any 100 ms, and how many may. */
  readonly most: number
  readonly bound: number
  readonly dials: number
  /** Clients that are open at the end. */
  readonly back: number
  /** Connections that were ended because their time was over before another one took over. */
  readonly late: number
  /** The most that the loop was late meanwhile: all clients are played by one program, and dial together when it is. */
  readonly lateMs: number
}

/** Clients that share a topic: each event goes to so many. */
const GROUP = 10
/** Of `drain({ withinMs })`, the dials are spread over so much. */
const SPREAD = 0.8
/** A client follows one `goaway` in 10 s. */
const BETWEEN_MS = 10_500
/** Clients that dial at the same time in the beginning. */
const AT_ONCE = 50

export async function deploy({ clients, spreadMs, seed, sayEveryMs }: DeployOptions): Promise<DeployResult> {
  const world = await startWorld({ restarts: false })
  const ledger = new Ledger()
  const all: SoakClient[] = []
  try {
    for (let number = 1; number <= clients; number++) {
      const topics = [`group-${number % Math.ceil(clients / GROUP)}`]
      const chance = mulberry32(seed + number)
      all.push(soakClient({ number, port: world.port, topics, ledger, nodes: world.nodes, chance }))
      if (number % AT_ONCE === 0) await Promise.all(all.map(({ socket }) => socket.ready()))
    }
    await Promise.all(all.map(({ socket }) => socket.ready()))

    const dials: number[] = []
    let cut = 0
    const late = monitorEventLoopDelay({ resolution: 10 })
    late.enable()
    for (const client of all) {
      client.socket.addEventListener('close', () => cut++)
      client.onStep(({ effects }) => {
        if (effects.some(({ type }) => type === 'dial')) dials.push(performance.now())
      })
    }
    let over = false
    const speaking = all.map(async (client, index) => {
      const chance = mulberry32(seed + clients + index)
      while (!over) {
        await after(sayEveryMs * (0.5 + chance()))
        client.say()
      }
    })
    for (const index of world.nodes.ports.keys()) {
      const next = after(BETWEEN_MS)
      await world.nodes.replace(index, spreadMs / SPREAD)
      await next
    }
    over = true
    late.disable()
    await Promise.all(speaking)
    await settled(all, ledger)
    await verify(all, ledger, world.redis)
    return {
      ledger,
      dials: dials.length,
      most: mostWithin(dials, 100),
      bound: (2 * clients * 100) / spreadMs,
      late: cut,
      lateMs: late.max / 1e6,
      back: all.filter(({ open }) => open).length,
    }
  } finally {
    for (const client of all) client.close()
    await world.close()
  }
}

/** The most of these sorted instants that lie within any span of so many ms. */
function mostWithin(instants: readonly number[], ms: number): number {
  let from = 0
  return instants.reduce((most, at, index) => {
    while (at - (instants[from] ?? at) >= ms) from++
    return Math.max(most, index - from + 1)
  }, 0)
}
