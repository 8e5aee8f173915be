// One proxied connection: the client's socket, the server's, and a flow in each direction.
import { type Socket, connect as tcpConnect } from 'node:net'
import { type Flow, type FlowOptions, flow } from './flow.ts'
import type { Weather } from './weather.ts'

/** `reset` is a TCP RST, `fin` an orderly end of the stream; neither sends a WebSocket close frame. */
export type Ending = 'reset' | 'fin'

export interface Cut {
  readonly upBytes: number
  readonly downBytes: number
  readonly ms: number
  readonly how: Ending
}

export const noCut: Cut = { upBytes: Infinity, downBytes: Infinity, ms: Infinity, how: 'fin' }

/** What a pair may ask of its proxy, and tell it. */
export interface Climate {
  readonly target: { readonly port: number; readonly host: string }
  readonly maxBufferedBytes: number
  up(): Weather
  down(): Weather
  /** False where connections are accepted and never dialled on. */
  dials(): boolean
  passed(bytes: number): void
  swallowed(bytes: number): void
  /** Both sockets are gone. */
  gone(pair: Pair): void
}

export interface Pair {
  readonly bufferedBytes: number
  /** The weather changed. */
  refresh(): void
  /** All faults are over: a pair whose end was hidden by one learns of it. */
  heal(): void
  end(how: Ending): void
  /** Resolves when both sockets are gone. */
  readonly ended: Promise<void>
}

/** `number` is the connection's own, from 0. */
export function pair(client: Socket, climate: Climate, cut: Cut, number: number): Pair {
  const server = climate.dials() ? tcpConnect({ ...climate.target, allowHalfOpen: true, noDelay: true }) : null
  const sockets = server === null ? [client] : [client, server]
  const end = (how: Ending): void => {
    clearTimeout(cutTimer)
    for (const one of flows) one.stop()
    for (const socket of sockets) endSocket(socket, how)
  }
  let limit = cut
  const cutTimer = cut.ms === Infinity ? undefined : setTimeout(end, cut.ms, cut.how)
  const common: Omit<FlowOptions, 'weather' | 'number' | 'quota'> = {
    maxBufferedBytes: climate.maxBufferedBytes,
    onPassed: climate.passed,
    onSwallowed: climate.swallowed,
    onQuota: () => end(limit.how),
    onHole: () => end('reset'),
  }
  const flows: Flow[] =
    server === null
      ? []
      : [
          flow(client, server, { ...common, weather: climate.up, number: 2 * number, quota: () => limit.upBytes }),
          flow(server, client, {
            ...common,
            weather: climate.down,
            number: 2 * number + 1,
            quota: () => limit.downBytes,
          }),
        ]
  const refresh = (): void => {
    for (const one of flows) one.refresh()
  }

  const ended = Promise.all(sockets.map(closed)).then(() => {
    clearTimeout(cutTimer)
    for (const one of flows) one.stop()
    climate.gone(self)
  })

  const self: Pair = {
    get bufferedBytes() {
      return Math.max(0, ...flows.map(one => one.bufferedBytes))
    },
    refresh,
    heal() {
      clearTimeout(cutTimer)
      limit = noCut
      refresh()
      const holed = server === null || flows.some(one => one.lost)
      const half = sockets.some(one => one.destroyed) && sockets.some(one => !one.destroyed && !one.writableEnded)
      if (half || (holed && sockets.some(one => one.readableEnded))) end('reset')
    },
    end,
    ended,
  }

  for (const socket of sockets) socket.on('error', () => {})
  if (server === null) {
    client.on('data', chunk => (climate.dials() ? end('reset') : climate.swallowed(chunk.length)))
    client.resume()
  } else {
    // A reset is no byte, so no flow carries it: it is passed on here, unless the weather hides the news.
    // A dial that the server refuses shows up here too.
    client.on('close', broken => broken && climate.up().mode === 'pass' && endSocket(server, 'reset'))
    server.on('close', broken => broken && climate.down().mode === 'pass' && endSocket(client, 'reset'))
    refresh()
  }
  return self
}

function endSocket(socket: Socket, how: Ending): void {
  if (socket.destroyed) return
  if (how === 'fin') {
    socket.end()
    // Unread bytes would turn the FIN into a RST when the socket is closed, and hide the peer's own FIN.
    socket.resume()
    return
  }
  // A socket that is still connecting would wait for that before it resets. One whose FIN is under way refuses to reset
  // (EINVAL from libuv), and Node then forgets it without closing it or saying `close`.
  if (socket.connecting || (socket.writableEnded && !socket.writableFinished)) socket.destroy()
  else socket.resetAndDestroy()
}

function closed(socket: Socket): Promise<void> {
  return new Promise(resolve => socket.once('close', () => resolve()))
}
