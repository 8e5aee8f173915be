/** What the tests of this folder share: a socket of the first step, its server and its clock. */
import type { Endpoints, Options, Protocols, Provided, ResilientCloseEvent } from 'holdfast'
import {
  accepts,
  type Behaviour,
  type ScriptedServer,
  scriptedServer,
  type VirtualClock,
  virtualClock,
} from 'holdfast/testing'
import { type PartyOptions, PartyWebSocket } from './partysocket.ts'
import { ReconnectingWebSocket } from './reconnecting-websocket.ts'

export const URL_OF_FEED = 'wss://feed.example/live'

export interface Setting {
  readonly behaviour?: Behaviour
  readonly url?: Endpoints
  readonly protocols?: Provided<Protocols> | null
  readonly theirs?: PartyOptions
  readonly ours?: Options
}

export interface Migrant<Socket> {
  readonly clock: VirtualClock
  readonly server: ScriptedServer
  readonly socket: Socket
  /** What the app saw, in order. */
  readonly journal: readonly string[]
  readonly closings: readonly ResilientCloseEvent[]
  /** The waits between the dials, in ms. */
  waits(): readonly number[]
}

function story<Socket extends ReconnectingWebSocket>(
  make: (url: Endpoints, protocols: Provided<Protocols> | null, theirs: PartyOptions, ours: Options) => Socket,
  { behaviour = accepts(), url = URL_OF_FEED, protocols = null, theirs, ours }: Setting,
): Migrant<Socket> {
  const clock = virtualClock({ rolls: [0.5] })
  const server = scriptedServer(behaviour, { clock })
  const journal: string[] = []
  const closings: ResilientCloseEvent[] = []
  const socket = make(url, protocols, { WebSocket: server.WebSocket, ...theirs }, { clock, ...ours })
  socket.addEventListener('open', () => journal.push('open'))
  socket.addEventListener('message', ({ data }) => journal.push(`message ${data}`))
  socket.addEventListener('error', () => journal.push('error'))
  socket.addEventListener('close', event => {
    closings.push(event)
    journal.push(`close ${event.code}${event.willReconnect ? '' : ', final'}`)
  })
  const waits = (): readonly number[] =>
    server.dials.slice(1).map(({ at }, index) => Math.round(at - (server.dials[index]?.at ?? 0)))
  return { clock, server, socket, journal, closings, waits }
}

/** A `ReconnectingWebSocket` over Holdfast under a virtual clock; chance is a steady 0.5. */
export function reconnecting(setting: Setting = {}): Migrant<ReconnectingWebSocket> {
  return story((...given) => new ReconnectingWebSocket(...given), setting)
}

/** A `PartyWebSocket` likewise. */
export function party(setting: Setting = {}): Migrant<PartyWebSocket> {
  return story((...given) => new PartyWebSocket(...given), setting)
}
