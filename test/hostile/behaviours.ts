// What a server may do to its clients, each named so. Written to a plain TCP socket.
import type { Duplex } from 'node:stream'
import { acceptFor, responseHead } from '../support/contract-server-frames.ts'
import { BINARY, CLOSE, CONTINUATION, close, frame, PING, TEXT, text } from './frames.ts'

/** A handshake request that has come in. */
export interface Wire {
  readonly socket: Duplex
  /** The client's `Sec-WebSocket-Key`. */
  readonly key: string
}

export type Behaviour = (wire: Wire) => void

/** A misbehaviour ends after this at the latest: the server hangs up. */
const HANGS_UP_AFTER_MS = 300
/** A drop of a slow drip. */
const DROP_EVERY_MS = 10
const MANY = 5_000
const GIANT = 8 * 1_048_576

function upgrade(key: string, more: readonly string[] = [], accept: string = acceptFor(key)): string {
  const head = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`]
  return responseHead('101 Switching Protocols', [...head, ...more])
}

/** Answers the handshake as it should be. */
export function accept({ socket, key }: Wire): void {
  socket.write(upgrade(key))
}

/** Answers the handshake with that, and hangs up. */
const answers =
  (head: (key: string) => string): Behaviour =>
  ({ socket, key }) =>
    void socket.end(head(key))

/** Answers the handshake with that, and says nothing more. */
const begins =
  (head: (key: string) => string): Behaviour =>
  ({ socket, key }) =>
    void socket.write(head(key))

const refuses = (status: string, ...more: readonly string[]): Behaviour =>
  answers(() => responseHead(status, ['Content-Length: 0', 'Connection: close', ...more]))

/** Sends those bytes, a drop at a time, for as long as somebody listens. */
function drips({ socket }: Wire, bytes: Iterator<string | Buffer>): void {
  const dripping = setInterval(() => {
    const { value, done } = bytes.next()
    if (done || socket.destroyed) clearInterval(dripping)
    else socket.write(value)
  }, DROP_EVERY_MS)
  socket.on('close', () => clearInterval(dripping))
}

function* headersWithoutEnd(): Generator<string> {
  yield 'HTTP/1.1 101 Switching Protocols\r\n'
  for (let number = 0; ; number++) yield `X-Header-${number}: ${'x'.repeat(100)}\r\n`
}

function* letterByLetter(head: string): Generator<string> {
  yield* head
}

/** Accepts, and sends those bytes behind it. */
const sends =
  (...frames: readonly Buffer[]): Behaviour =>
  wire => {
    accept(wire)
    wire.socket.write(Buffer.concat(frames))
  }

/** The connection does not open. */
export const HANDSHAKES: Readonly<Record<string, Behaviour>> = {
  'garbage instead of a handshake': answers(() => '\u0000\u0001\u0002 what is this \r\n\r\n'),
  'a TLS alert instead of a handshake': ({ socket }) => void socket.end(Buffer.from('15030100020228', 'hex')),
  'a frame instead of a handshake': ({ socket }) => void socket.end(text('hello')),
  'nothing, and hangs up': ({ socket }) => void socket.end(),
  'nothing at all': () => {},
  'half of a handshake, and hangs up': answers(key => upgrade(key).slice(0, 60)),
  'half of a handshake, and nothing more': begins(key => upgrade(key).slice(0, 60)),
  'headers that never end': wire => drips(wire, headersWithoutEnd()),
  'a handshake a letter at a time': wire => drips(wire, letterByLetter(upgrade(wire.key))),
  'a wrong Sec-WebSocket-Accept': begins(key => upgrade(key, [], acceptFor('somebody else'))),
  'no Sec-WebSocket-Accept': begins(key => upgrade(key).replace(/Sec-WebSocket-Accept.*\r\n/, '')),
  'a subprotocol that nobody asked for': begins(key => upgrade(key, ['Sec-WebSocket-Protocol: chat'])),
  'an extension that nobody asked for': begins(key => upgrade(key, ['Sec-WebSocket-Extensions: x-zip'])),
  'another upgrade': begins(key => upgrade(key).replace('websocket', 'h2c')),
  'a page instead of an upgrade': refuses('200 OK'),
  'a redirect': refuses('302 Found', 'Location: /elsewhere'),
  'a redirect to itself': refuses('307 Temporary Redirect', 'Location: /'),
  'a 401': refuses('401 Unauthorized', 'WWW-Authenticate: Bearer'),
  'a 426': refuses('426 Upgrade Required', 'Upgrade: websocket', 'Sec-WebSocket-Version: 99'),
  'a 503': refuses('503 Service Unavailable', 'Retry-After: 1e309'),
  'a status that is none': refuses('999999999999 What'),
}

const BAD_UTF8 = Buffer.from('cebae1bdb9cf83cebcceb5eda080656469746564', 'hex')

/** The connection opens, and the client has to fail it. */
export const FRAMES: Readonly<Record<string, Behaviour>> = {
  'a frame with RSV1': sends(text('x', { rsv: 4 })),
  'a frame with RSV2': sends(text('x', { rsv: 2 })),
  'a frame with RSV3': sends(text('x', { rsv: 1 })),
  'a data frame of the reserved opcode 3': sends(frame({ opcode: 0x3 })),
  'a data frame of the reserved opcode 7': sends(frame({ opcode: 0x7 })),
  'a control frame of the reserved opcode 11': sends(frame({ opcode: 0xb })),
  'a control frame of the reserved opcode 15': sends(frame({ opcode: 0xf })),
  'a masked frame': sends(text('x', { masked: true })),
  'a fragmented ping': sends(frame({ opcode: PING, fin: false })),
  'a ping of 126 bytes': sends(frame({ opcode: PING, payload: Buffer.alloc(126) })),
  'a ping of 64 KiB': sends(frame({ opcode: PING, payload: Buffer.alloc(65_536) })),
  'a continuation without a start': sends(frame({ opcode: CONTINUATION })),
  'a text within a text': sends(text('x', { fin: false }), text('y')),
  'a text that is no UTF-8': sends(text(BAD_UTF8)),
  'a text whose UTF-8 is cut': sends(text(Buffer.from('e282', 'hex'))),
  'fragments that are no UTF-8 together': sends(
    text(BAD_UTF8.subarray(0, 11), { fin: false }),
    frame({ opcode: CONTINUATION, payload: BAD_UTF8.subarray(11) }),
  ),
  'a length of 2^63': sends(frame({ opcode: BINARY, length: 2n ** 63n })),
  'a length of 2^64 - 1': sends(frame({ opcode: BINARY, length: 2n ** 64n - 1n })),
  'a length of 2^62, and nothing': sends(frame({ opcode: BINARY, length: 2n ** 62n })),
  'a length of 2^53, and nothing': sends(frame({ opcode: TEXT, length: 2n ** 53n })),
  ...Object.fromEntries(
    [0, 999, 1004, 1005, 1006, 1015, 5_000, 65_535].map(code => [`the close code ${code}`, sends(close(code))]),
  ),
  'a close frame of one byte': sends(frame({ opcode: CLOSE, payload: Buffer.from([3]) })),
  'a close frame of 126 bytes': sends(close(1000, 'x'.repeat(124))),
  'a fragmented close frame': sends(frame({ opcode: CLOSE, fin: false })),
  'a close reason that is no UTF-8': sends(close(1000, BAD_UTF8)),
}

/** More than anybody wants, and then the line breaks. */
export const FLOODS: Readonly<Record<string, Behaviour>> = {
  'a flood of messages': wire => {
    sends(...Array.from({ length: MANY }, (_, number) => text(`${number}`)))(wire)
  },
  'a flood of pings': sends(...Array.from({ length: MANY }, () => frame({ opcode: PING, payload: Buffer.alloc(125) }))),
  'a flood of empty fragments': sends(
    text('', { fin: false }),
    ...Array.from({ length: MANY }, () => frame({ opcode: CONTINUATION, fin: false })),
  ),
  'a giant message': sends(text(Buffer.alloc(GIANT, 'x'))),
  'a giant message that never ends': sends(text(Buffer.alloc(GIANT, 'x'), { length: BigInt(GIANT) * 2n })),
  'a message a byte at a time': wire => {
    accept(wire)
    const bytes = text('x'.repeat(100))
    drips(wire, [...bytes].map(byte => Buffer.from([byte])).values())
  },
  'a length that is a lie': sends(frame({ opcode: BINARY, length: 65_536n, payload: Buffer.alloc(100) })),
  'messages behind its close frame': sends(close(4000, 'bye'), text('too late'), frame({ opcode: PING })),
}

const MISBEHAVIOURS: Readonly<Record<string, Behaviour>> = { ...HANDSHAKES, ...FRAMES, ...FLOODS }

/** Codes after which nothing is dialled any more, where there is no auth provider. */
export const TERMINAL: readonly number[] = [1002, 1003, 1007, 1008, 1010, 3000, 3003, 4401, 4403]

const CLOSES = /^closes (\d+)$/

function behaviourOf(name: string): Behaviour {
  const [, code] = CLOSES.exec(name) ?? []
  return (code ? sends(close(Number(code))) : MISBEHAVIOURS[name]) ?? sends(close(4999, 'no such misbehaviour'))
}

/** Misbehaves, and hangs up in the end. By the name of a misbehaviour, or `closes 4000`. */
export function misbehave(name: string, wire: Wire): void {
  const { socket } = wire
  socket.on('error', () => {})
  // A client that hangs up is let go; and what it says is not listened to.
  socket.on('end', () => socket.destroy())
  socket.resume()
  const end = setTimeout(() => socket.destroy(), HANGS_UP_AFTER_MS)
  socket.on('close', () => clearTimeout(end))
  behaviourOf(name)(wire)
}
