// The table of docs/in-other-clients.md, measured: each client alone and over Holdfast, on fake timers.
import { readFileSync } from 'node:fs'
import { type Heartbeat, ping, ResilientWebSocket } from 'holdfast'
import { type Behaviour, hangs, type ScriptedServer, scriptedServer, sequence } from 'holdfast/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Doc } from 'yjs'
import { alone } from './alone.ts'
import { follow } from './follow.ts'
import { graphqlHeartbeat } from './graphql-ws.ts'
import { phoenixHeartbeat } from './phoenix.ts'
import { type ClientName, speaks } from './servers/scripted.ts'
import { trpcHeartbeat } from './trpc.ts'
import { documentHeartbeat } from './y-websocket.ts'

// Before the imports: y-websocket takes hold of `Date.now` when it is loaded.
vi.hoisted(() => vi.useFakeTimers())

beforeAll(() => {
  // The middle of every window.
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})

afterAll(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const ADDRESS = 'wss://api.example.com/socket'
const CLIENTS = ['graphql-ws', 'y-websocket', 'tRPC', 'Phoenix', 'rxjs'] as const

type Start = (server: ScriptedServer) => () => void

/** The protocol of an rxjs app is its own. */
const rxjsHeartbeat = ping({ message: '"ping"', pong: '"pong"' })
const heartbeats: Readonly<Record<ClientName, Heartbeat>> = {
  'graphql-ws': graphqlHeartbeat,
  'y-websocket': documentHeartbeat(new Doc()),
  tRPC: trpcHeartbeat,
  Phoenix: phoenixHeartbeat,
  rxjs: rxjsHeartbeat,
}

const startAlone =
  (client: ClientName): Start =>
  ({ WebSocket }) =>
    alone[client](ADDRESS, WebSocket)

const startWatched =
  (client: ClientName): Start =>
  ({ WebSocket }) => {
    const heartbeat = heartbeats[client]
    class Watched extends ResilientWebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols, { WebSocket, reconnect: false, outbox: false, connectTimeoutMs: 10_000, heartbeat })
      }
    }
    return alone[client](ADDRESS, Watched, false)
  }

const startLent =
  (client: ClientName): Start =>
  ({ WebSocket }) => {
    const options = client === 'rxjs' ? { WebSocket, heartbeat: rxjsHeartbeat } : { WebSocket }
    return follow[client](ADDRESS, () => {}, options).close
  }

/** When a client dials within so long, in ms since its first dial. Nothing of it is left at the end. */
async function dials(start: Start, behaviour: Behaviour, ms: number): Promise<readonly number[]> {
  const server = scriptedServer(behaviour)
  const stop = start(server)
  await vi.advanceTimersByTimeAsync(ms)
  const made = server.dials.map(({ at }) => at)
  stop()
  // What the client itself still waits for: the close of a line that is dead.
  await vi.advanceTimersByTimeAsync(120_000)
  expect([server.dials.length, server.open.length, vi.getTimerCount()]).toEqual([made.length, 0, 0])
  return made.map(at => at - (made[0] ?? 0))
}

const seconds = (ms = Infinity): string => (ms < Infinity ? `${(ms / 1_000).toFixed(0)} s` : 'never')

/** Dials in 10 s to a server that closes whatever it accepts. */
async function storm(client: ClientName, start: Start): Promise<readonly string[]> {
  const closed = async (code: number): Promise<string> => {
    const made = await dials(
      start,
      speaks(client, connection => connection.close(code)),
      10_000,
    )
    return `${made.length}`
  }
  return [await closed(1012), await closed(1000)]
}

/** When it dials again: after a dial that nobody answers, and after the line of an open connection went dead. */
async function patience(client: ClientName, start: Start): Promise<readonly string[]> {
  const [, afterHung] = await dials(start, sequence(hangs(), speaks(client)), 180_000)
  const deadAtMs = 20_000
  const goesSilent = speaks(client, connection => connection.goSilent(), deadAtMs)
  const [, afterDead = Infinity] = await dials(start, sequence(goesSilent, speaks(client)), 180_000)
  return [seconds(afterHung), seconds(afterDead - deadAtMs)]
}

const document = readFileSync(new URL('../../docs/in-other-clients.md', import.meta.url), 'utf8')
const row = (name: string): readonly string[] | undefined =>
  document
    .split('\n')
    .map(line => line.split('|').map(cell => cell.trim()))
    .find(({ 1: first, length }) => first === name && length === 7)
    ?.slice(2, -1)

describe.each(CLIENTS)('%s', client => {
  it('dials alone as often, and finds a dead line as late, as the document says', async () => {
    const start = startAlone(client)
    expect([...(await storm(client, start)), ...(await patience(client, start))]).toEqual(row(client))
  })

  it('finds a dead line as early as the document says when its connections are watched', async () => {
    const watched = await patience(client, startWatched(client))
    expect(['as alone', 'as alone', ...watched]).toEqual(row(`${client}, watched`))
  })

  it('does what the document says when its connections are lent', async () => {
    const start = startLent(client)
    expect([...(await storm(client, start)), ...(await patience(client, start))]).toEqual(row(`${client}, lent`))
  })
})
