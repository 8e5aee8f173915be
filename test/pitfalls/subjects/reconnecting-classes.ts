/** reconnecting-websocket and partysocket: the same shape, and the same names for options. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { compileFunction } from 'node:vm'
import { WebSocket as PartySocket } from 'partysocket'
import ReconnectingWebSocket from 'reconnecting-websocket'
import { type DropIn, type Subject, URL_OF_SERVER, type Wish } from '../subject.ts'
import { dropIn } from './drop-in.ts'

type Reconnecting = DropIn & { reconnect(code?: number, reason?: string): void }

function reconnecting(name: string, Class: unknown, about: string, packageName = name): Subject {
  if (typeof Class !== 'function') throw new Error(`${name} has no class.`)
  const construct = ({ url = URL_OF_SERVER, protocols, maxAttempts, maxQueued, stopOn }: Wish): Reconnecting =>
    Reflect.construct(Class, [
      url,
      protocols,
      {
        ...(maxAttempts !== undefined && { maxRetries: maxAttempts }),
        ...(maxQueued !== undefined && { maxEnqueuedMessages: maxQueued }),
        ...(stopOn && { shouldReconnectOnClose: ({ code }: CloseEvent) => !stopOn(code) }),
      },
    ])
  return dropIn({ name, package: packageName, about }, construct, socket => ({
    reconnect: (code, reason) => socket.reconnect(code, reason),
  }))
}

/** The file that a browser loads, evaluated where there is no `process`: it tells the two apart by that. */
function asInBrowser(path: string): unknown {
  const module: { exports: { readonly default?: unknown } } = { exports: {} }
  const source = readFileSync(createRequire(import.meta.url).resolve(path), 'utf8')
  compileFunction(source, ['module', 'exports', 'process'])(module, module.exports, undefined)
  return module.exports.default
}

export const reconnectingWebSocket = reconnecting('reconnecting-websocket', ReconnectingWebSocket, 'its defaults')
export const partySocket = reconnecting('partysocket', PartySocket, 'its defaults')
export const partySocketInBrowser = reconnecting(
  'partysocket, as in a browser',
  asInBrowser('partysocket/ws'),
  'its defaults, in the path of the code that a browser takes and Node does not',
  'partysocket',
)
