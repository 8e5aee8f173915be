import { expect } from 'vitest'
import {
  type Clock,
  type Endpoints,
  type LifecycleEvents,
  type Options,
  type Protocols,
  type Provided,
  type ResilientCloseEvent,
  type ResilientError,
  ResilientWebSocket,
  type Status,
  type TransitionRecord,
} from '../../src/index.ts'
import {
  accepts,
  type Behaviour,
  type ScriptedPage,
  type ScriptedServer,
  scriptedPage,
  scriptedServer,
  type VirtualClock,
  type VirtualClockOptions,
  virtualClock,
} from '../../src/testing/index.ts'

export const URL_OF_FEED = 'wss://feed.example/live'

export interface Setting extends VirtualClockOptions {
  readonly behaviour?: Behaviour
  readonly url?: Endpoints
  readonly protocols?: Provided<Protocols>
  readonly options?: Options
  /** The clock that the page has, where its timers are not the world's: throttled, or late. */
  readonly pageClock?: (clock: VirtualClock) => Clock
}

export interface Story {
  readonly clock: VirtualClock
  readonly server: ScriptedServer
  readonly page: ScriptedPage
  readonly socket: ResilientWebSocket
  /** What the app saw, in order: `open`, `message x`, `error`, `close 1006`; `close 1006, final` when nothing more is tried. */
  readonly journal: string[]
  readonly closings: readonly ResilientCloseEvent[]
  readonly records: readonly TransitionRecord[]
  readonly problems: readonly ResilientError[]
  readonly statuses: Status[]
  readonly discards: readonly LifecycleEvents['discard'][]
  /** The sockets of the native class, in the order they were made. */
  readonly natives: readonly WebSocket[]
  /** How many sockets of the native class are connecting or open now. */
  live(): number
  /** When the constructor of the native class was called, monotonic ms. */
  dialTimes(): readonly number[]
}

/** A socket, its server and its page under a virtual clock. Chance is a steady 0.5 unless a seed or rolls say otherwise. */
export function story({
  behaviour = accepts(),
  url = URL_OF_FEED,
  protocols = [],
  options = {},
  pageClock = clock => clock,
  ...chance
}: Setting = {}): Story {
  const clock = virtualClock('seed' in chance || 'rolls' in chance ? chance : { ...chance, rolls: [0.5] })
  const server = scriptedServer(behaviour, { clock })
  const page = scriptedPage()
  const journal: string[] = []
  const closings: ResilientCloseEvent[] = []
  const records: TransitionRecord[] = []
  const problems: ResilientError[] = []
  const statuses: Status[] = []
  const discards: LifecycleEvents['discard'][] = []
  const natives: WebSocket[] = []
  class Native extends server.WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      natives.push(this)
    }
  }
  const socket = new ResilientWebSocket(url, protocols, {
    clock: pageClock(clock),
    WebSocket: Native,
    pageSignals: page.signals,
    watch: record => records.push(record),
    ...options,
  })
  socket.on('problem', problem => problems.push(problem))
  socket.on('status', status => statuses.push(status))
  socket.on('discard', discard => discards.push(discard))
  socket.addEventListener('open', () => journal.push('open'))
  socket.addEventListener('message', ({ data }) => journal.push(`message ${data}`))
  socket.addEventListener('error', () => journal.push('error'))
  socket.addEventListener('close', event => {
    closings.push(event)
    journal.push(`close ${event.code}${event.willReconnect ? '' : ', final'}`)
  })
  const dialTimes = (): readonly number[] => server.dials.map(({ at }) => at)
  const live = (): number => natives.filter(({ readyState }) => readyState < 2).length
  return {
    clock,
    server,
    page,
    socket,
    journal,
    closings,
    records,
    problems,
    statuses,
    discards,
    natives,
    live,
    dialTimes,
  }
}

/** A story whose first connection is open; the journal and the statuses tell what happens from then on. */
export async function openStory(setting: Setting = {}): Promise<Story> {
  const told = story(setting)
  await told.clock.advance(0)
  expect(told.journal.splice(0)).toEqual(['open'])
  told.statuses.length = 0
  return told
}

/** The most dials that fall into any stretch of that length. */
export function mostDialsIn(ms: number, times: readonly number[]): number {
  let most = 0
  let first = 0
  times.forEach((time, index) => {
    while (time - (times[first] ?? time) >= ms) first++
    most = Math.max(most, index - first + 1)
  })
  return most
}

/** The waits between dials. */
export function gaps(times: readonly number[]): readonly number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0))
}

/** Ends the story and expects that nothing is left of it: no timer, no listener, no connection. */
export async function expectNothingLeft({ clock, server, page, socket }: Story): Promise<void> {
  socket.close()
  await clock.advance(60_000)
  expect(socket.readyState).toBe(3)
  expect(clock.timers).toBe(0)
  expect(page.listening).toBe(0)
  expect(server.connections.filter(({ state }) => state !== 'ended')).toEqual([])
}

/** The clock of a page whose timers fire when `firesAt` says, and not before. */
export function lateTimers(firesAt: (at: number, now: number) => number): (clock: VirtualClock) => Clock {
  return clock => ({
    now: () => clock.now(),
    wall: () => clock.wall(),
    roll: () => clock.roll(),
    schedule: (at, fn) => clock.schedule(Math.max(at, firesAt(at, clock.now())), fn),
  })
}
