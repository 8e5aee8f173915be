// The faults of one line: what is done to it, and when that is over.
import { setTimeout as after } from 'node:timers/promises'
import type { TransitionRecord } from '../../src/index.ts'
import type { Direction, FaultProxy } from '../faults/fault-proxy.ts'
import type { SoakClient } from './client.ts'
import type { Nodes } from './nodes.ts'
import type { LocalKind, Plan } from './plan.ts'

/** A client behind a proxy of its own. */
export interface Line {
  readonly client: SoakClient
  readonly proxy: FaultProxy
  /** How long a byte takes each way, in ms; by up to twice as much more by chance. */
  readonly latencyMs: number
}

export interface Trouble {
  readonly line: Line
  readonly nodes: Nodes
  readonly plan: Plan
  readonly chance: () => number
}

/** What servers and those between say when they go, and what the client is meant to come back from. */
const CODES = [1001, 1006, 1011, 1012, 1014, 4000, 4001, 4050]
/** No code on the wire [RFC 6455 §7.4.1]. */
const NOT_SENT = 1006
/** A line that nobody finds dead by then is given back. */
const PATIENCE_MS = 25_000

const DIRECTIONS: readonly Direction[] = ['both', 'up', 'down']

/** Fair weather is slow, so that something is always under way. */
export async function fair({ proxy, latencyMs }: Omit<Line, 'client'>): Promise<void> {
  await proxy.pass()
  proxy.latency(latencyMs, 'both', 2 * latencyMs)
}

/** Resolves with the first step that `is` what is waited for, or `undefined` when it takes too long. */
export function stepOf(
  client: SoakClient,
  withinMs: number,
  is: (record: TransitionRecord) => boolean,
): Promise<TransitionRecord | undefined> {
  return new Promise(resolve => {
    const over = (record?: TransitionRecord): void => {
      clearTimeout(timer)
      off()
      resolve(record)
    }
    const timer = setTimeout(over, withinMs)
    const off = client.onStep(record => is(record) && over(record))
  })
}

/** A connection that served has ended. */
export const lost = ({ from, to }: TransitionRecord): boolean => from === 'open' && to !== 'open'

/** Ends the next connection while it is being greeted. */
async function breakGreeting({ line: { client, proxy }, plan, chance }: Trouble, kind: 'rst' | 'fin'): Promise<void> {
  const greets = ({ effects }: TransitionRecord): boolean => effects.some(({ type }) => type === 'greet')
  if (!(await stepOf(client, 3_000, greets))) return
  // Now, or after some of the answer.
  await after(chance() * 60)
  if (client.socket.status.state === 'open') return
  // `hello` with what is sent again, and `welcome` with what was missed, are under way.
  plan.made(kind, client.flying(), true)
  if (kind === 'rst') proxy.reset()
  else proxy.fin()
}

async function end(trouble: Trouble, kind: 'rst' | 'fin'): Promise<void> {
  const { line, plan, chance } = trouble
  plan.made(kind, line.client.flying())
  if (kind === 'rst') line.proxy.reset()
  else line.proxy.fin()
  if (chance() < 0.15) await breakGreeting(trouble, kind)
}

async function close({ line: { client, proxy }, nodes, plan, chance }: Trouble): Promise<void> {
  const code = CODES[Math.floor(chance() * CODES.length)] ?? NOT_SENT
  const { connection = '' } = client
  const ended = stepOf(client, 3_000, lost)
  if (code === NOT_SENT) {
    plan.made('close', client.flying())
    proxy.fin()
  } else {
    nodes.cut(connection, `${client.number}`, code)
    const met = client.flying()
    const record = await ended
    const reached = record?.effects.some(each => each.type === 'disconnected' && each.disconnect.code === code)
    plan.made('close', reached ? met : { up: false, down: false })
  }
  await ended
}

async function blackhole({ line, plan, chance }: Trouble): Promise<void> {
  const { client, proxy } = line
  const found = stepOf(client, PATIENCE_MS, lost)
  plan.made('blackhole', client.flying())
  proxy.blackhole(DIRECTIONS[Math.floor(chance() * DIRECTIONS.length)])
  await found
  await fair(line)
}

async function stall({ line, plan, chance }: Trouble): Promise<void> {
  plan.made('stall', line.client.flying())
  line.proxy.stall(DIRECTIONS[Math.floor(chance() * DIRECTIONS.length)])
  // Some are long enough to be given up, and what was held back comes after all.
  await after(chance() < 0.1 ? 9_000 : 300 + chance() * 2_000)
  await fair(line)
}

async function latency({ line, plan, chance }: Trouble): Promise<void> {
  plan.made('latency', line.client.flying())
  line.proxy.latency(300 + chance() * 1_200, 'both', chance() * 300)
  await after(500 + chance() * 1_500)
  await fair(line)
}

/** The server takes a credential that lives for a moment, and ends the connection when it is over. */
async function expiry({ line: { client }, plan }: Trouble): Promise<void> {
  const ended = stepOf(client, 6_000, lost)
  // Longer than a dial takes on a busy machine: three credentials that come too late in a row are the end, as they must be.
  const lifeMs = 2_000
  client.credentialLives(lifeMs)
  await after(lifeMs - 150)
  let over = false
  void client.talk(() => !over)
  const record = await ended
  over = true
  const expired = record?.effects.some(each => each.type === 'disconnected' && each.disconnect.code === 4201)
  plan.made('expiry', expired ? client.flying() : { up: false, down: false })
}

/** By second connection; counted when it takes over. */
async function handover({ line: { client } }: Trouble): Promise<void> {
  const over = stepOf(client, 3_000, record => lost(record) || tookOver(record))
  client.socket.handover()
  await over
}

/** Another connection took over. */
export function tookOver({ effects }: TransitionRecord): boolean {
  return effects.some(each => each.type === 'serve' && each.handover)
}

export const faults: Readonly<Record<LocalKind, (trouble: Trouble) => Promise<void>>> = {
  rst: trouble => end(trouble, 'rst'),
  fin: trouble => end(trouble, 'fin'),
  close,
  blackhole,
  stall,
  latency,
  expiry,
  handover,
}
