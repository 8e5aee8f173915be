// The soak: clients that send and receive all the time, and whatever can happen to their connections, thousands of times.
import { setTimeout as after } from 'node:timers/promises'
import { mulberry32 } from '../../src/testing/seeded.ts'
import { faultProxy } from '../faults/fault-proxy.ts'
import { type SoakClient, soakClient } from './client.ts'
import { disasters } from './disasters.ts'
import { Ledger } from './ledger.ts'
import { fair, faults, type Line, tookOver } from './lines.ts'
import { GLOBAL, type Kind, LOCAL, Plan } from './plan.ts'
import { allFollow } from './scouts.ts'
import { settled, verify } from './verdict.ts'
import { startWorld, type World } from './world.ts'

export interface SoakOptions {
  readonly clients: number
  /** How many faults in all, as many of each kind. */
  readonly faults: number
  /** It ends by then, whatever is still to be made. */
  readonly seconds: number
  readonly seed: number
  readonly kinds: readonly Kind[]
  /** Told how far it is, now and then. */
  readonly progress?: (line: string) => void
}

export interface SoakResult {
  readonly plan: Plan
  readonly ledger: Ledger
  readonly seconds: number
  /** Ends of connections by close code, as the clients saw them. */
  readonly closes: ReadonlyMap<number, number>
  readonly handovers: number
}

const TOPICS = 10
/** Topics of one client. */
const EACH = 3
/** Their numbers are beyond those of the others. */
const FIRST_SCOUT = 1_001
/** So often each client says something, in ms, when nothing else makes it. */
const SAY_EVERY_MS = 500
const PROGRESS_MS = 10_000

const topicsOf = (number: number): readonly string[] =>
  Array.from({ length: EACH }, (_, index) => `topic-${(number + index * (1 + (number % 3))) % TOPICS}`)

export async function soak(options: SoakOptions): Promise<SoakResult> {
  const world = await startWorld()
  try {
    return await run(world, options)
  } finally {
    await world.close()
  }
}

async function run(
  world: World,
  { clients, faults: wanted, seconds, seed, kinds, progress }: SoakOptions,
): Promise<SoakResult> {
  const from = performance.now()
  const until = from + seconds * 1_000
  const ledger = new Ledger()
  const plan = new Plan(kinds, wanted, mulberry32(seed))
  const closes = new Map<number, number>()
  let handovers = 0
  let over = false

  const client = (number: number, port: number, topics = topicsOf(number)): SoakClient =>
    soakClient({ number, port, topics, ledger, nodes: world.nodes, chance: mulberry32(seed + number) })

  const all = Array.from({ length: TOPICS }, (_, index) => `topic-${index}`)
  const scouts = world.nodes.ports.map((port, index) => client(FIRST_SCOUT + index, port, all))
  const lines: Line[] = []
  for (let number = 1; number <= clients; number++) {
    const proxy = await faultProxy({ targetPort: world.port })
    const line = { client: client(number, proxy.port), proxy, latencyMs: 5 + (number % 5) * 4 }
    await fair(line)
    lines.push(line)
  }
  const everybody = [...scouts, ...lines.map(line => line.client)]
  const struck = disasters(world, lines, plan, mulberry32(seed + 2_000))
  /** Those that are to hand over because this says so. */
  const asked = new Set<SoakClient>()

  for (const each of everybody) {
    each.socket.addEventListener('close', ({ code }) => closes.set(code, (closes.get(code) ?? 0) + 1))
    each.onStep(record => {
      const { effects } = record
      // While it dials beside, something is under way on both.
      const replaces = (): boolean => each.open && each.dials
      if (replaces() && effects.some(({ type }) => type === 'dial')) void each.talk(replaces)
      struck.step(each, record)
      if (!tookOver(record)) return
      handovers++
      if (asked.delete(each)) plan.made('handover', each.flying())
    })
  }

  await Promise.all(everybody.map(each => each.socket.ready()))

  async function speak(each: SoakClient, chance: () => number): Promise<void> {
    while (!over) {
      each.chat()
      await after(SAY_EVERY_MS * (0.5 + chance()))
    }
  }

  /** Waits until something is under way in both directions; `false` when that does not come. */
  async function underWay(each: SoakClient): Promise<boolean> {
    for (const limit = performance.now() + 600; performance.now() < limit && each.open; await after(4)) {
      const { up, down } = each.flying()
      if (up && down) return true
      each.chat()
    }
    return false
  }

  async function trouble(line: Line, chance: () => number): Promise<void> {
    const each = line.client
    while (!over && performance.now() < until) {
      await after(50 + chance() * 400)
      if (!each.open) continue
      const kind = plan.next(LOCAL)
      if (kind === undefined) {
        if (plan.complete(LOCAL)) break
        continue
      }
      if (await underWay(each)) {
        if (kind === 'handover') asked.add(each)
        await faults[kind]({ line, nodes: world.nodes, plan, chance })
        asked.delete(each)
      }
      plan.done(kind)
    }
  }

  async function strikes(chance: () => number): Promise<void> {
    const first = [...GLOBAL]
    while (first.length || performance.now() < until) {
      // Each once in any case, then whatever is missing.
      const kind = plan.next(first.splice(0, 1)) ?? plan.next(GLOBAL)
      if (kind === undefined) break
      await everybodyBack(everybody)
      await allFollow(scouts)
      await after(300 + chance() * 700)
      await struck.strike(kind)
      plan.done(kind)
    }
    await everybodyBack(everybody)
  }

  const progressing = setInterval(() => {
    const back = everybody.filter(({ open }) => open).length
    const at = ((performance.now() - from) / 1_000).toFixed(0)
    progress?.(
      `${at} s: ${plan.hits} of ${wanted} faults, ${back} of ${everybody.length} open, ${ledger.sent} sent, ${ledger.received} received, ${ledger.wrongs} violations`,
    )
  }, PROGRESS_MS)

  const speaking = everybody.map((each, index) => speak(each, mulberry32(seed + 3_000 + index)))
  await Promise.all([
    strikes(mulberry32(seed + 4_000)),
    ...lines.map((line, index) => trouble(line, mulberry32(seed + 5_000 + index))),
  ])
  over = true
  await Promise.all(speaking)
  clearInterval(progressing)

  await Promise.all(lines.map(fair))
  await settled(everybody, ledger)
  await verify(everybody, ledger, world.redis)
  for (const each of everybody) each.close()
  await Promise.all(lines.map(({ proxy }) => proxy.close()))
  return { plan, ledger, closes, handovers, seconds: (performance.now() - from) / 1_000 }
}

/** Nearly everybody: some are always in trouble of their own. */
async function everybodyBack(all: readonly SoakClient[]): Promise<void> {
  for (const limit = performance.now() + 15_000; performance.now() < limit; await after(50)) {
    if (all.filter(({ open }) => open).length >= all.length * 0.9) return
  }
}
