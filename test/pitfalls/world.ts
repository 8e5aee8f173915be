import { vi } from 'vitest'
import {
  type Behaviour,
  type ScriptedConnection,
  type ScriptedServer,
  scriptedServer,
} from '../../src/testing/index.ts'
import { mulberry32 } from '../../src/testing/seeded.ts'
import { fakePage, type Page } from './page.ts'
import { throttled } from './throttled-timers.ts'

/** Where clients live: a page, a server and a network that are a script, and the timers of vitest. */
export interface World {
  readonly server: ScriptedServer
  readonly page: Page
  /** Moves time on. What a client throws where nobody catches it ends up in `uncaught`. */
  advance(ms: number): Promise<void>
  /** The machine sleeps: the wall clock moves on, `performance.now()` and the timers do not. */
  sleep(ms: number): void
  /** The page's timers, not the server's: from now on as Chromium fires them in a tab that was hidden for 5 min. */
  throttle(): void
  readonly uncaught: unknown[]
  /** The `sessionStorage` of the tab. */
  readonly stored: Map<string, string>
}

/** Whoever speaks for the server what the client's protocol asks of every connection. */
export type Speaks = (connection: ScriptedConnection) => void

/** Node 20 has none. */
class NodeCloseEvent extends Event {
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
  constructor(type: string, { code = 0, reason = '', wasClean = false, ...init }: CloseEventInit = {}) {
    super(type, init)
    this.code = code
    this.reason = reason
    this.wasClean = wasClean
  }
}

const EVENTS = ['uncaughtException', 'unhandledRejection'] as const

/** Hears what nobody catches, in place of vitest; the result ends it. */
function hearUncaught(heard: unknown[]): () => Promise<void> {
  const undo = EVENTS.map(event => {
    const others = process.rawListeners(event)
    const hear = (error: unknown): void => {
      heard.push(error)
    }
    process.removeAllListeners(event)
    process.on(event, hear)
    return () => {
      process.off(event, hear)
      for (const other of others) Reflect.apply(process.on, process, [event, other])
    }
  })
  return async () => {
    await new Promise(resolve => setImmediate(resolve))
    for (const each of undo) each()
  }
}

function storage(stored: Map<string, string>): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  return {
    getItem: key => stored.get(key) ?? null,
    setItem: (key, value) => stored.set(key, value),
    removeItem: key => stored.delete(key),
  }
}

/** Runs `act` in a world of its own: the same one for everybody, and nothing of it is left. */
export async function inWorld(speaks: Speaks | undefined, act: (world: World) => Promise<void>): Promise<void> {
  const uncaught: unknown[] = []
  const stored = new Map<string, string>()
  const end = hearUncaught(uncaught)
  vi.useFakeTimers()
  const random = vi.spyOn(Math, 'random').mockImplementation(mulberry32(1))
  const { setTimeout, clearTimeout } = globalThis
  const page = fakePage()
  const server = scriptedServer(undefined, {
    clock: {
      now: () => performance.now(),
      wall: () => Date.now(),
      roll: () => Math.random(),
      schedule(at, fn) {
        const timer = setTimeout(fn, at - performance.now())
        return () => clearTimeout(timer)
      },
    },
  })
  const spoken = speaking(server, speaks)
  const { window, document, navigator } = page
  const globals = {
    WebSocket: server.WebSocket,
    CloseEvent: globalThis.CloseEvent ?? NodeCloseEvent,
    window,
    document,
    navigator,
    addEventListener: window.addEventListener.bind(window),
    removeEventListener: window.removeEventListener.bind(window),
    location: { href: 'https://app.example/page/', protocol: 'https:', host: 'app.example' },
    sessionStorage: storage(stored),
    reportError: (error: unknown) => uncaught.push(error),
  }
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value)
  try {
    await act({
      server: spoken,
      page,
      uncaught,
      stored,
      async advance(ms) {
        try {
          await vi.advanceTimersByTimeAsync(ms)
        } catch (error) {
          uncaught.push(error)
        }
      },
      sleep: ms => vi.setSystemTime(Date.now() + ms),
      throttle: () => vi.stubGlobal('setTimeout', throttled(setTimeout)),
    })
  } finally {
    vi.unstubAllGlobals()
    vi.clearAllTimers()
    vi.useRealTimers()
    random.mockRestore()
    await end()
  }
}

/** The server, that speaks before it behaves. */
function speaking(server: ScriptedServer, speaks: Speaks | undefined): ScriptedServer {
  if (!speaks) return server
  let { behaviour } = server
  const spoken: Behaviour = connection => {
    speaks(connection)
    behaviour(connection)
  }
  return Object.defineProperty(server, 'behaviour', {
    get: () => spoken,
    set(next: Behaviour) {
      behaviour = next
    },
  })
}
