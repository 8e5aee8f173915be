/** What an on-call engineer reads when something happens: the real lines, from the real code, in virtual time. */
import { type Options, ResilientWebSocket } from '../../src/index.ts'
import { log } from '../../src/observe/index.ts'
import {
  type Behaviour,
  type ScriptedPage,
  type ScriptedServer,
  scriptedPage,
  scriptedServer,
  type VirtualClock,
  virtualClock,
} from '../../src/testing/index.ts'

/** What somebody may do meanwhile. */
export interface Scene {
  readonly socket: ResilientWebSocket
  readonly server: ScriptedServer
  readonly clock: VirtualClock
  readonly page: ScriptedPage
}

export interface Story {
  /** What the server does with each dial. */
  readonly server?: Behaviour
  readonly options?: Options
  /** Whether the address comes from a function that never answers. */
  readonly hangingUrl?: boolean
  readonly seconds: number
  /** Which of its lines are shown. @defaultValue all but those that say only that it dials */
  readonly show?: RegExp
  readonly act?: (scene: Scene) => Promise<void>
}

/** The lines of the log, and the problems that were told, as they come. */
const TELLS_MORE = /^(?!.*Z dialling)/

export async function linesOf({
  server: behaviour,
  options,
  hangingUrl,
  seconds,
  show = TELLS_MORE,
  act,
}: Story): Promise<string[]> {
  const clock = virtualClock({ seed: 7 })
  const server = scriptedServer(behaviour, { clock })
  const page = scriptedPage()
  const lines: string[] = []
  const watch = log({ write: line => lines.push(line) })
  const url = hangingUrl ? () => new Promise<string>(() => {}) : 'wss://api.example.com/live'
  const socket = new ResilientWebSocket(url, [], {
    clock,
    watch,
    WebSocket: server.WebSocket,
    pageSignals: page.signals,
    ...options,
  })
  socket.on('problem', ({ code, message }) => lines.push(`${code}: ${message}`))
  await clock.advance(0)
  await act?.({ socket, server, clock, page })
  await clock.advance(seconds * 1_000)
  const told = lines.filter(line => show.test(line))
  socket.close()
  await clock.advance(0)
  return told
}
