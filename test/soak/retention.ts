// Beyond retention: a client that was away for longer than the log keeps is told so once, before anything later.
import { setTimeout as after } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { ResilientWebSocket } from '../../src/index.ts'
import { session } from '../../src/session/index.ts'
import { faultProxy } from '../faults/fault-proxy.ts'
import { tokenOf } from './tokens.ts'
import { startWorld } from './world.ts'

export interface RetentionResult {
  /** What the client was told of the topic that lost events, in order. */
  readonly told: readonly string[]
  /** What it would have to be. */
  readonly expected: readonly string[]
  /** Of a topic that kept everything. */
  readonly kept: readonly string[]
  readonly expectedKept: readonly string[]
}

const KEEPS = 50
const MISSED = 120
const BUSY = 'busy'
const QUIET = 'quiet'

export async function beyondRetention(): Promise<RetentionResult> {
  const world = await startWorld({ maxEvents: KEEPS })
  const proxy = await faultProxy({ targetPort: world.port })
  const connect = (port: number, who: string): ResilientWebSocket =>
    new ResilientWebSocket(`ws://127.0.0.1:${port}/live?client=${who}`, [], {
      WebSocket,
      session: session({ topic: null }),
      auth: () => tokenOf(who, Date.now() + 3_600_000),
      backoff: ({ roll }) => 50 + 100 * roll,
    })
  const reader = connect(proxy.port, 'reader')
  const writer = connect(world.port, 'writer')
  try {
    const told: Record<string, string[]> = { [BUSY]: [], [QUIET]: [] }
    for (const topic of [BUSY, QUIET]) {
      reader.topic(topic).on(({ seq }) => void told[topic]?.push(`event ${seq}`))
    }
    reader.on('gap', ({ topic, from, to, reason }) => told[topic]?.push(`gap ${from}-${to} ${reason}`))
    await Promise.all([reader.ready(), writer.ready()])

    const write = (topic: string, count: number): void => {
      for (let each = 0; each < count; each++) writer.topic(topic).send({ each })
    }
    const hears = async (topic: string, seq: number): Promise<void> => {
      while (told[topic]?.at(-1) !== `event ${seq}`) await after(10)
    }
    write(BUSY, 1)
    write(QUIET, 1)
    await Promise.all([hears(BUSY, 1), hears(QUIET, 1)])

    proxy.refuse()
    proxy.reset()
    while (reader.status.state === 'open') await after(10)
    write(BUSY, MISSED)
    write(QUIET, KEEPS)
    await writer.drained()
    await proxy.pass()
    await hears(BUSY, 1 + MISSED)
    await hears(QUIET, 1 + KEEPS)
    write(BUSY, 1)
    await hears(BUSY, 2 + MISSED)

    const events = (from: number, to: number): readonly string[] =>
      Array.from({ length: to - from + 1 }, (_, index) => `event ${from + index}`)
    const oldest = 1 + MISSED - KEEPS + 1
    return {
      told: told[BUSY] ?? [],
      expected: ['event 1', `gap 2-${oldest - 1} expired`, ...events(oldest, 2 + MISSED)],
      kept: told[QUIET] ?? [],
      expectedKept: events(1, 1 + KEEPS),
    }
  } finally {
    reader.close()
    writer.close()
    await proxy.close()
    await world.close()
  }
}
