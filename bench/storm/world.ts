import { mean } from '../statistics.ts'
import { Agenda } from './agenda.ts'
import { Chance } from './chance.ts'
import { Fleet } from './fleet.ts'
import { latencies } from './network.ts'
import { Revolving } from './revolving.ts'
import { boundMs, CALM_MS, GIVEN_UP_AFTER, type Restart } from './scenario.ts'
import { Server } from './server.ts'
import { Tally } from './tally.ts'

/** Clients that are a library's own class. */
export interface Cast {
  readonly clients: number
  readonly seed: number
  /** Lets every client open its socket. */
  open(fleet: Fleet): void | Promise<void>
}

/** How long the broadcast goes on before the server freezes, and after it has thawed. */
const BEFORE_MS = 10_000
const AFTER_MS = 100_000
const BROADCAST_MS = 1_000
const TEN_SECONDS_MS = 10_000
const TEN_MINUTES_MS = 600_000

async function connected({ clients, seed, open }: Cast) {
  const agenda = new Agenda()
  const tally = new Tally(clients)
  const latency = latencies(clients, seed)
  const server = new Server(agenda, tally, latency)
  const fleet = new Fleet(agenda, Chance.of(clients, seed), latency, tally, server)
  await open(fleet)
  await fleet.run(CALM_MS)
  return { tally, server, fleet }
}

/** A restart, and how everybody comes back. */
export async function restarted(cast: Cast, restart: Restart): Promise<Tally> {
  const { tally, server, fleet } = await connected(cast)
  server.goes()
  fleet.drop(restart.code)
  await fleet.run(CALM_MS + restart.outageMs)
  server.isBack(restart)
  await fleet.run(CALM_MS + restart.outageMs + GIVEN_UP_AFTER * boundMs(restart), tally)
  return tally
}

/** Dials of one client on a server that accepts and closes, in 10 s and in 10 min from its first one. */
export async function revolved({ clients, seed, open }: Cast, code: number) {
  const agenda = new Agenda()
  const latency = latencies(clients, seed)
  const revolving = new Revolving(agenda, latency)
  const fleet = new Fleet(agenda, Chance.of(clients, seed), latency, new Tally(clients), revolving)
  fleet.busyCode = code
  await open(fleet)
  await fleet.run(TEN_MINUTES_MS)
  const within = (ms: number): number[] =>
    revolving.arrivals.map(times => times.filter(time => time - (times[0] ?? 0) < ms).length)
  const [brief, long] = [within(TEN_SECONDS_MS), within(TEN_MINUTES_MS)]
  return { mean10s: mean(brief), most10s: Math.max(...brief), mean10min: mean(long), most10min: Math.max(...long) }
}

/** A server stands still for a while in the middle of a broadcast. No connection is lost, unless a client gives it up. */
export async function frozen(cast: Cast, freezeMs: number, capacity: number) {
  const { clients } = cast
  const { tally, server, fleet } = await connected(cast)
  const from = CALM_MS + BEFORE_MS
  const to = from + freezeMs
  let fewest = clients
  let backMs = 0
  for (let at = CALM_MS; at < to + AFTER_MS; at += BROADCAST_MS) {
    await fleet.run(at)
    if (at === from) server.freezes(freezeMs, capacity)
    if (at < from || at >= to) fleet.broadcast()
    fewest = Math.min(fewest, tally.back)
    if (!tally.complete) backMs = at + BROADCAST_MS - to
  }
  return {
    dead: 1 - fewest / clients,
    peakFrozen: tally.peak(1_000, 0, freezeMs),
    peakThawed: tally.peak(1_000, freezeMs),
    backMs,
    dials: tally.dials / clients,
  }
}
