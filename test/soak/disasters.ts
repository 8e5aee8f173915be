// The faults of everybody: a node is killed, a node is drained and replaced, Redis is restarted. Each counts once for each
// open connection that it meets with messages under way in both directions.
import { setTimeout as after } from 'node:timers/promises'
import type { TransitionRecord } from '../../src/index.ts'
import type { SoakClient } from './client.ts'
import { type Line, lost, tookOver } from './lines.ts'
import type { GlobalKind, Plan } from './plan.ts'
import type { World } from './world.ts'

export interface Disasters {
  strike(kind: GlobalKind): Promise<void>
  /** Told of every step of every line. */
  step(client: SoakClient, record: TransitionRecord): void
}

/** From the first message of a pulse to the blow: what was sent is at the nodes, and its events are on their way. */
const PULSE_MS = 45
const DRAIN_MS = 2_500

export function disasters(world: World, lines: readonly Line[], plan: Plan, chance: () => number): Disasters {
  const { nodes, redis } = world
  /** Who is still connected to it. */
  const leavers = new Set<SoakClient>()

  /** Everybody says something, twice, and so hears something. */
  async function pulse(): Promise<readonly SoakClient[]> {
    for (const { client } of lines) client.say()
    await after(PULSE_MS / 2)
    for (const { client } of lines) client.say()
    await after(PULSE_MS / 2)
    return lines.map(({ client }) => client).filter(({ open }) => open)
  }

  const on = (index: number) => (client: SoakClient) => nodes.nodeOf(client.connection ?? '') === index

  /** The node that most are connected to. */
  function fullest(): number {
    const counts = nodes.ports.map((_, index) => lines.filter(({ client }) => on(index)(client)).length)
    return counts.indexOf(Math.max(...counts))
  }

  async function kill(): Promise<void> {
    const index = fullest()
    const met = (await pulse()).filter(on(index))
    for (const client of met) plan.made('kill', client.flying())
    await nodes.kill(index)
  }

  async function drain(): Promise<void> {
    const index = fullest()
    leavers.clear()
    for (const { client } of lines) if (on(index)(client)) leavers.add(client)
    await nodes.replace(index, DRAIN_MS)
    leavers.clear()
  }

  async function restart(): Promise<void> {
    for (const client of await pulse()) plan.made('redis', client.flying())
    await redis.stop(chance() < 0.7 ? 'SIGKILL' : 'SIGTERM')
    await after(chance() * 800)
    await redis.start()
  }

  return {
    async strike(kind) {
      if (kind === 'kill') await kill()
      else if (kind === 'drain') await drain()
      else await restart()
    },
    step(client, record) {
      if (!leavers.has(client)) return
      // It went, or did not go in time.
      if (!tookOver(record) && !lost(record)) return
      plan.made('drain', client.flying())
      leavers.delete(client)
    },
  }
}
