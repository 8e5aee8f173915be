// A TCP proxy inside this process that breaks connections on purpose. It needs no root and no kernel modules, so it
// runs wherever the tests run. A weather holds for live and new connections, each way or both, until `pass()`.
//
//   RST                        reset()
//   FIN without a close frame  fin()
//   black hole, either way     blackhole(), blackhole('up'), blackhole('down')
//   stall                      stall()             held back, then delivered
//   latency and jitter         latency(1500)       latency(100, 'both', 50)
//   bandwidth                  bandwidth(2000)     bytes per second
//   packet loss                loss({ rate: 0.2 }) as TCP shows it: chunks late by 200, 600, 1400 … ms
//   refused dials              refuse()
//   accept, then silence       acceptThenSilence()
//   accept, then close         acceptThenClose()
//   cut after N bytes or time  cutAfter({ bytes: 100 }), cutAfter({ ms: 5000 })
//
// What it cannot do: drop a SYN, which the kernel answers, or see single packets. Bytes that the kernel has taken in its
// own buffers count as sent, so a sender feels a stall or a slow line only once those (some MB on loopback) are full.
import { createServer, type Server, type Socket } from 'node:net'
import { type Climate, type Ending, noCut, type Pair, pair } from './pair.ts'
import { fairWeather, type Weather } from './weather.ts'

/** `up` is client to server, `down` is server to client. */
export type Direction = 'up' | 'down' | 'both'

export interface FaultProxyOptions {
  readonly targetPort: number
  /** @defaultValue '127.0.0.1' */
  readonly targetHost?: string
  /** @defaultValue 0, any free port */
  readonly port?: number
  /** Bytes held per direction and connection before reading stops. @defaultValue 262144 */
  readonly maxBufferedBytes?: number
}

export interface FaultProxy {
  readonly port: number
  /** Connections of which at least one side is still there. */
  readonly connections: number
  /** Connections accepted since the start. */
  readonly accepted: number
  readonly passedBytes: number
  readonly swallowedBytes: number
  /** The most that any one direction of a live connection holds back now. */
  readonly bufferedBytes: number

  /**
   * Ends every standing fault, and listens again after `refuse()`. A connection that lost bytes to a black hole or to
   * silence has a hole in its stream: its next byte is answered with a RST, as by a router that forgot it.
   */
  pass(): Promise<void>
  /** Stops listening, so that dials meet ECONNREFUSED. Live connections are left alone. */
  refuse(): void
  /** Accepts, and then never says a word: no dial to the server, no bytes, no end. */
  acceptThenSilence(): void
  /** Accepts, and ends the connection at once. */
  acceptThenClose(how?: Ending): void
  /** Reads and throws away everything, FINs included. New connections vanish in it too. */
  blackhole(direction?: Direction): void
  /** Stops reading. Nothing is lost: what was held back arrives after `pass()`. */
  stall(direction?: Direction): void
  /**
   * Holds every chunk back for so long, and by up to `jitterMs` more, drawn for each chunk; order is kept. A RST is not
   * held back.
   */
  latency(delayMs: number, direction?: Direction, jitterMs?: number): void
  /** Hands on so many bytes per second, in each direction of each connection, and reads no more than a second of it ahead. */
  bandwidth(bytesPerSecond: number, direction?: Direction): void
  /**
   * A link that loses this share of its packets (0.2 is 20 %), as TCP makes it look: nothing is missing, but chunks, and
   * all that follows them, come late by retransmission timeouts. The same seed loses the same chunks of the same
   * connection. See `retransmission` for the model and its source.
   */
  loss(weather: { rate: number; seed?: number; direction?: Direction }): void
  /** Ends each connection made from now on after so many bytes (exactly so many are passed) or milliseconds; `pass()` spares those that are left. */
  cutAfter(limit: { bytes?: number; ms?: number; direction?: 'up' | 'down'; how?: Ending }): void
  /** Ends all live connections with a RST to both sides. */
  reset(): void
  /** Ends all live connections with a FIN to both sides. */
  fin(): void
  /** Ends everything. Resolves when no socket, timer or listener is left. */
  close(): Promise<void>
}

const loopback = '127.0.0.1'

export async function faultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const pairs = new Set<Pair>()
  let up: Weather = fairWeather
  let down: Weather = fairWeather
  let greeting: 'dial' | 'silence' | Ending = 'dial'
  let cut = noCut
  let accepted = 0
  let passedBytes = 0
  let swallowedBytes = 0
  let closed = false
  let listener: Server | null = null

  const climate: Climate = {
    target: { port: options.targetPort, host: options.targetHost ?? loopback },
    maxBufferedBytes: options.maxBufferedBytes ?? 256 * 1024,
    up: () => up,
    down: () => down,
    dials: () => greeting === 'dial',
    passed: bytes => {
      passedBytes += bytes
    },
    swallowed: bytes => {
      swallowedBytes += bytes
    },
    gone: one => {
      pairs.delete(one)
    },
  }

  const accept = (client: Socket): void => {
    accepted += 1
    const one = pair(client.setNoDelay(true), climate, cut, accepted - 1)
    pairs.add(one)
    if (greeting === 'reset' || greeting === 'fin') one.end(greeting)
  }

  const listen = async (port: number): Promise<number> => {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, accept)
    listener = server
    try {
      return await bind(server, port)
    } catch (error) {
      if (listener === server) listener = null
      throw error
    }
  }

  const setWeather = (direction: Direction, change: Partial<Weather>): void => {
    if (direction !== 'down') up = { ...up, ...change }
    if (direction !== 'up') down = { ...down, ...change }
    for (const one of pairs) one.refresh()
  }

  const refuse = (): void => {
    // The listening socket is gone when `close` returns; its callback would wait for the live connections.
    listener?.close()
    listener = null
  }

  const endAll = (how: Ending): void => {
    for (const one of [...pairs]) one.end(how)
  }

  const port = await listen(options.port ?? 0)

  return {
    port,
    get connections() {
      return pairs.size
    },
    get accepted() {
      return accepted
    },
    get passedBytes() {
      return passedBytes
    },
    get swallowedBytes() {
      return swallowedBytes
    },
    get bufferedBytes() {
      return Math.max(0, ...[...pairs].map(one => one.bufferedBytes))
    },
    async pass() {
      greeting = 'dial'
      cut = noCut
      up = fairWeather
      down = fairWeather
      for (const one of [...pairs]) one.heal()
      if (listener === null && !closed) await listen(port)
    },
    refuse,
    acceptThenSilence() {
      greeting = 'silence'
    },
    acceptThenClose(how = 'fin') {
      greeting = how
    },
    blackhole: direction => setWeather(direction ?? 'both', { mode: 'blackhole' }),
    stall: direction => setWeather(direction ?? 'both', { mode: 'stall' }),
    latency: (delayMs, direction, jitterMs = 0) => setWeather(direction ?? 'both', { delayMs, jitterMs }),
    bandwidth(bytesPerSecond, direction = 'both') {
      if (!(bytesPerSecond > 0)) throw new Error(`Expected \`bytesPerSecond\` to be above 0, got ${bytesPerSecond}.`)
      setWeather(direction, { bytesPerSecond })
    },
    loss({ rate, seed = fairWeather.seed, direction = 'both' }) {
      if (!(rate >= 0 && rate < 1)) throw new Error(`Expected \`rate\` to be from 0 to below 1, got ${rate}.`)
      setWeather(direction, { lossRate: rate, seed })
    },
    cutAfter({ bytes = Infinity, ms = Infinity, direction = 'down', how = 'fin' }) {
      const upBytes = direction === 'up' ? bytes : Infinity
      const downBytes = direction === 'down' ? bytes : Infinity
      cut = { upBytes, downBytes, ms, how }
    },
    reset: () => endAll('reset'),
    fin: () => endAll('fin'),
    async close() {
      closed = true
      refuse()
      const endings = [...pairs].map(one => one.ended)
      endAll('reset')
      await Promise.all(endings)
    },
  }
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // Closed before it listened: no other event comes.
    server.once('close', () => resolve(port))
    server.listen({ port, host: loopback }, () => {
      server.off('error', reject)
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('Expected a TCP address.'))
      else resolve(address.port)
    })
  })
}
