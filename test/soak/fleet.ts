// A part of the clients of the rolling deploy: a program of its own. One that plays all of them is late, and what it does
// late it does together.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as after } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { mulberry32 } from '../../src/testing/seeded.ts'
import { type SoakClient, soakClient } from './client.ts'
import { Ledger, type Violation } from './ledger.ts'
import { settled, verify } from './verdict.ts'

/** How a part of the fleet is started. Clients of one topic are in one part. */
export interface FleetSetting {
  readonly port: number
  /** The socket of the Redis. */
  readonly redis: string
  readonly clients: readonly { readonly number: number; readonly topic: string }[]
  readonly seed: number
  readonly sayEveryMs: number
}

export type FleetTold =
  /** All of them are connected. */
  { readonly t: 'ready' } | ({ readonly t: 'over' } & FleetResult)

export interface FleetResult {
  /** When dials began, in ms of the machine. */
  readonly dials: readonly number[]
  readonly cut: number
  readonly back: number
  readonly lateMs: number
  readonly sent: number
  readonly received: number
  readonly wrongs: number
  /** The first of them. */
  readonly violations: readonly Violation[]
}

/** Clients that dial at the same time in the beginning. */
const AT_ONCE = 12

const setting: FleetSetting = JSON.parse(process.argv[2] ?? '')
const tell = (told: FleetTold): void => void process.send?.(told, undefined, undefined, () => {})
const ledger = new Ledger()
const all: SoakClient[] = []
const redis = { client: () => new Redis({ path: setting.redis, lazyConnect: true }) }

async function run(): Promise<void> {
  const ready = (): Promise<unknown> => Promise.all(all.map(({ socket }) => socket.ready()))
  for (const { number, topic } of setting.clients) {
    const chance = mulberry32(setting.seed + number)
    all.push(soakClient({ number, port: setting.port, topics: [topic], ledger, nodes: { said: () => [] }, chance }))
    if (all.length % AT_ONCE === 0) await ready()
  }
  await ready()
  tell({ t: 'ready' })

  const dials: number[] = []
  let cut = 0
  let over = false
  const late = monitorEventLoopDelay({ resolution: 10 })
  late.enable()
  for (const client of all) {
    client.socket.addEventListener('close', () => cut++)
    client.onStep(({ effects }) => {
      if (effects.some(({ type }) => type === 'dial')) dials.push(performance.timeOrigin + performance.now())
    })
  }
  const ended = new Promise<void>(resolve => {
    process.once('message', () => {
      over = true
      late.disable()
      resolve()
    })
  })
  const speaking = all.map(async client => {
    const chance = mulberry32(setting.seed - client.number)
    while (!over) {
      await Promise.race([after(setting.sayEveryMs * (0.5 + chance())), ended])
      if (!over) client.say()
    }
  })
  await ended
  await Promise.all(speaking)
  await settled(all, ledger)
  await verify(all, ledger, redis)
  const { sent, received, wrongs, violations } = ledger
  const back = all.filter(({ open }) => open).length
  tell({ t: 'over', dials, cut, back, lateMs: late.max / 1e6, sent, received, wrongs, violations })
  for (const client of all) client.close()
}

// Whoever started it is gone, or has heard enough.
process.on('disconnect', () => process.exit(0))
void run()
