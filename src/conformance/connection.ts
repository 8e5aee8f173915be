import { encodeBinary, isServerFrame, isUnknownType, PROTOCOL, type ServerFrame } from '../session/frames.ts'
import { inboundOf } from './inbound.ts'
import { Broken } from './outcome.ts'
import type { Ears, SocketFactory } from './socket.ts'

/** A frame of the server, as it came. */
export type Received = ServerFrame & {
  /** What stood behind the header of a binary frame. */
  readonly bytes?: Uint8Array
}

/** How the server ended a connection. */
export interface Ending {
  readonly code: number
  readonly reason: string
}

type TypeOf = ServerFrame['t']
/** The frame with that type. */
export type Frame<T extends TypeOf> = Received & OfType<Received, T>
// Not `Extract`: ping and pong share one shape.
type OfType<F extends Received, T extends TypeOf> = F extends unknown ? (T extends F['t'] ? F : never) : never

/** One raw connection, on which a check says what it likes. Pings are answered unless it is told not to. */
export interface Connection {
  /** The subprotocol that the server selected. */
  readonly protocol: string
  /** All frames so far, in order; pings and pongs too. */
  readonly frames: readonly Received[]
  /** How it ended; `null` while it is open. */
  readonly ending: Ending | null
  /** Sends a frame; a string or bytes go out as they are, so that garbage can be sent. */
  send(frame: object | string | Uint8Array<ArrayBuffer>): void
  sendBinary(header: object, bytes: Uint8Array<ArrayBuffer>): void
  /** The next frame of that type, and of that kind, which no call took before. @throws Broken when none comes in time. */
  take<T extends TypeOf>(t: T, what: string, fits?: (frame: Frame<T>) => boolean): Promise<Frame<T>>
  /** The same with a test of any kind. */
  takeAny<F extends Received>(what: string, isIt: (frame: Received) => frame is F): Promise<F>
  /** Resolves with how the server ended it. @throws Broken when it does not in time. */
  ended(what: string, withinMs?: number): Promise<Ending>
  /** From now on nothing is said that was not asked for. */
  goSilent(): void
  /** Resolves at the next frame, at the end of the connection, or when the time is over. */
  somethingComes(withinMs: number): Promise<void>
  close(): void
}

/** What the connections of a run have in common. */
export interface Wire {
  readonly socket: SocketFactory
  readonly url: string
  readonly origin: string | undefined
  /** How long a frame may take. */
  readonly patienceMs: number
  /** Told what was no frame of the protocol. */
  onMalformed(what: string): void
}

/** What came instead, in few words. */
function told({ frames, ending }: Pick<Connection, 'frames' | 'ending'>): string {
  const last = frames.filter(({ t }) => t !== 'ping' && t !== 'pong').at(-1)
  const end = ending && `the close ${ending.code} ${JSON.stringify(ending.reason)}`
  return end ?? (last ? `nothing more, the last being ${short(last)}` : 'nothing')
}

/** A frame in one line of bounded length. */
export function short(frame: unknown): string {
  const text = JSON.stringify(frame) ?? 'undefined'
  return text.length > 160 ? `${text.slice(0, 160)}…` : text
}

/** Opens a connection. @throws Broken when the handshake fails. */
export async function connect(wire: Wire): Promise<Connection> {
  const frames: Received[] = []
  const taken = new Set<Received>()
  const waiting = new Set<() => void>()
  let ending: Ending | null = null
  let silent = false
  let opened = false

  function notify(): void {
    for (const wake of [...waiting]) wake()
  }
  function somethingComes(withinMs: number): Promise<void> {
    return new Promise(resolve => {
      const wake = (): void => {
        clearTimeout(timer)
        waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, withinMs)
      waiting.add(wake)
    })
  }
  async function until<T>(found: () => T | undefined, withinMs: number): Promise<T | undefined> {
    const dueAt = performance.now() + withinMs
    for (;;) {
      const value = found()
      if (value !== undefined || performance.now() >= dueAt) return value
      await somethingComes(dueAt - performance.now())
    }
  }

  const ears: Ears = {
    opened() {
      opened = true
      notify()
    },
    message(data) {
      const frame = inboundOf(data)
      if (isServerFrame(frame)) {
        frames.push(frame)
        if (frame.t === 'ping' && !silent) connection.send({ t: 'pong', n: frame.n })
      } else if (!isUnknownType(frame)) wire.onMalformed(short(frame))
      notify()
    },
    closed(code, reason) {
      ending = { code, reason }
      notify()
    },
  }
  const socket = wire.socket(wire.url, PROTOCOL, ears, wire.origin)
  const connection: Connection = {
    get protocol() {
      return socket.protocol
    },
    frames,
    get ending() {
      return ending
    },
    send(frame) {
      const raw = typeof frame === 'string' || frame instanceof Uint8Array
      if (!ending) socket.send(raw ? frame : JSON.stringify(frame))
    },
    sendBinary(header, bytes) {
      connection.send(encodeBinary(header, bytes))
    },
    take<T extends TypeOf>(t: T, what: string, fits: (frame: Frame<T>) => boolean = () => true) {
      const isOfType = (frame: Received): frame is Frame<T> => frame.t === t
      return connection.takeAny(what, (frame): frame is Frame<T> => isOfType(frame) && fits(frame))
    },
    async takeAny(what, isIt) {
      const found = await until(() => {
        const frame = frames.filter(isIt).find(each => !taken.has(each))
        return frame ?? (ending ? null : undefined)
      }, wire.patienceMs)
      if (!found) throw new Broken(what, told(connection))
      taken.add(found)
      return found
    },
    async ended(what, withinMs = wire.patienceMs) {
      const end = await until(() => ending ?? undefined, withinMs)
      if (!end) throw new Broken(what, told(connection))
      return end
    },
    goSilent() {
      silent = true
    },
    somethingComes,
    close() {
      socket.close()
    },
  }

  await until(() => opened || ending || undefined, wire.patienceMs)
  if (!opened) {
    socket.close()
    throw new Broken('the handshake to succeed', told(connection))
  }
  return connection
}
