/** The clients of the table in docs/migrating.md, each as its own documentation begins. */
import { createRequire } from 'node:module'
import PartyWebSocket from 'partysocket/ws'
import type ReconnectingWebSocket from 'reconnecting-websocket'
import { vi } from 'vitest'
import { ArrayQueue, ConstantBackoff, WebsocketBuilder, WebsocketEvent } from 'websocket-ts'
import { type Options, ResilientWebSocket } from '../../src/index.ts'
import type { ScriptedServer } from '../../src/testing/index.ts'

type EventType = 'open' | 'message' | 'error' | 'close'

/** What the experiments need of a client, whatever its listeners look like. */
export interface Client {
  readonly readyState: number
  readonly url: string
  send(data: string): unknown
  close(code?: number, reason?: string): void
  /** Their events are not all of the platform's class. */
  hear(type: EventType, listener: (event: object) => void): void
}

/** Makes a client of one page. */
export type Open = (server: ScriptedServer, url?: string | (() => string)) => Client

export const NAMES = ['native', 'reconnecting-websocket', 'partysocket', 'websocket-ts', 'Holdfast'] as const
export type Name = (typeof NAMES)[number]

const URL_OF_FEED = 'wss://feed.example/live'

interface Listening extends Omit<Client, 'hear'> {
  addEventListener(type: EventType, listener: (event: object) => void): void
}

function hearing<T extends object>(socket: T & Listening): T & Client {
  return Object.assign(socket, {
    hear: (type: EventType, listener: (event: object) => void) => socket.addEventListener(type, listener),
  })
}

function isTheirs(loaded: unknown): loaded is typeof ReconnectingWebSocket {
  return typeof loaded === 'function' && loaded.name === 'ReconnectingWebSocket'
}

/** reconnecting-websocket as a page that loads has it: its first delay is drawn then. */
function loadTheirs(): typeof ReconnectingWebSocket {
  const require = createRequire(import.meta.url)
  delete require.cache[require.resolve('reconnecting-websocket')]
  const loaded: unknown = require('reconnecting-websocket')
  if (!isTheirs(loaded)) throw new Error('reconnecting-websocket exports something else.')
  return loaded
}

/** Holdfast with options; without any it is the one of the table. */
export function holdfast(options: Options): Open {
  return ({ WebSocket }, url = URL_OF_FEED) => hearing(new ResilientWebSocket(url, [], { ...options, WebSocket }))
}

/** Loads a page with that library. */
export function load(name: Name): Open {
  switch (name) {
    case 'native':
      return ({ WebSocket }, url = URL_OF_FEED) => hearing(new WebSocket(`${url}`))
    case 'reconnecting-websocket': {
      const Theirs = loadTheirs()
      return ({ WebSocket }, url = URL_OF_FEED) => {
        const socket = new Theirs(url, [], { WebSocket })
        return Object.assign(socket, {
          hear: (type: EventType, listener: (event: object) => void) =>
            socket.addEventListener(type, (event: object) => listener(event)),
        })
      }
    }
    case 'partysocket':
      return ({ WebSocket }, url = URL_OF_FEED) => hearing(new PartyWebSocket(url, [], { WebSocket }))
    case 'websocket-ts':
      return ({ WebSocket }, url = URL_OF_FEED) => {
        // It takes no class. What its quick start says: a queue, and a second between the dials.
        vi.stubGlobal('WebSocket', WebSocket)
        const built = new WebsocketBuilder(url).withBuffer(new ArrayQueue()).withBackoff(new ConstantBackoff(1_000))
        const socket = built.build()
        return Object.assign(socket, {
          hear: (type: EventType, listener: (event: object) => void) =>
            socket.addEventListener(WebsocketEvent[type], (_, event) => listener(event)),
        })
      }
    case 'Holdfast':
      return holdfast({})
  }
}
