import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { misbehave } from '../hostile/behaviours.ts'
import { acceptFor, closeFrame, responseHead } from './contract-server-frames.ts'
import type { Ledger, Sighting } from './contract-server-ledger.ts'

/** One handshake request, with what a behaviour needs to answer it. */
export interface Arrival {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
  readonly query: URLSearchParams
  readonly id: string
  readonly sighting: Sighting
  readonly ledger: Ledger
}

/** How long a wrong answer stands. */
const MUMBLED_FOR_MS = 150

type Behaviour = (arrival: Arrival) => void

const plain = new WebSocketServer({ noServer: true, perMessageDeflate: false, handleProtocols: select })
const compressing = new WebSocketServer({ noServer: true, perMessageDeflate: { threshold: 0 } })

/** The protocol the query names, else the first one offered. */
function select(offered: Set<string>, request: IncomingMessage): string | false {
  const wanted = new URL(request.url ?? '/', 'ws://server').searchParams.get('select')
  return wanted ?? [...offered][0] ?? false
}

/** Answers the handshake as a correct server does and keeps the ledger. */
function accept(arrival: Arrival, then: (client: WebSocket) => void = () => {}, server = plain): void {
  const { request, socket, head, id, sighting, ledger } = arrival
  server.handleUpgrade(request, socket, head, client => {
    client.on('message', (payload: Buffer, isBinary: boolean) =>
      ledger.hear(id, sighting, isBinary ? { hex: payload.toString('hex') } : { text: payload.toString() }),
    )
    client.on('error', () => {})
    client.on('close', (code, reason) => {
      sighting.close = { code, reason: reason.toString() }
      ledger.end(id, sighting)
    })
    ledger.attach(id, {
      drop: () => socket.destroy(),
      close: (code, reason) => client.close(code, reason),
      text: text => client.send(text),
      bytes: raw => void socket.write(raw),
    })
    then(client)
  })
}

/** Node's HTTP servers leave their half of a connection open when the client has ended its own. */
function hangUpWithClient(socket: Duplex): void {
  socket.on('error', () => {})
  socket.on('end', () => socket.destroy())
}

/** Writes raw bytes as the answer to the handshake. Whatever the client says afterwards reaches `heard`. */
function answerRaw({ socket, id, sighting, ledger }: Arrival, bytes: string | Buffer, heard = (_: Buffer) => {}): void {
  socket.on('data', heard)
  hangUpWithClient(socket)
  socket.on('close', () => ledger.end(id, sighting))
  ledger.attach(id, { drop: () => socket.destroy(), bytes: raw => void socket.write(raw) })
  socket.write(bytes)
}

function upgradeHead({ request }: Arrival, extra: readonly string[] = []): string {
  const accept = `Sec-WebSocket-Accept: ${acceptFor(request.headers['sec-websocket-key'] ?? '')}`
  return responseHead('101 Switching Protocols', ['Upgrade: websocket', 'Connection: Upgrade', accept, ...extra])
}

function isCloseFrame(bytes: Buffer): boolean {
  return ((bytes[0] ?? 0) & 0x0f) === 0x8
}

const count = (query: URLSearchParams, name: string) => Number(query.get(name) ?? 0)

/** What the server can do, by the first part of the path. */
export const behaviours: Readonly<Record<string, Behaviour>> = {
  accepts: arrival => accept(arrival),

  echoes: arrival =>
    accept(arrival, client => client.on('message', (m, isBinary) => client.send(m, { binary: isBinary }))),

  compresses: arrival =>
    accept(arrival, client => client.on('message', (m, isBinary) => client.send(m, { binary: isBinary })), compressing),

  /** Sends `count` texts "0", "1", … the moment the connection stands. */
  counts: arrival =>
    accept(arrival, client => {
      for (let n = 0; n < count(arrival.query, 'count'); n++) client.send(String(n))
    }),

  /** Sends the bytes of `hex` as they are, behind a correct handshake. */
  sends: arrival => accept(arrival, () => arrival.socket.write(Buffer.from(arrival.query.get('hex') ?? '', 'hex'))),

  /** Closes at once; without a code when the query has none. */
  closes: arrival =>
    accept(arrival, client => {
      const code = arrival.query.get('code')
      if (code === null) client.close()
      else client.close(Number(code), arrival.query.get('reason') ?? '')
    }),

  drops: arrival => accept(arrival, () => arrival.socket.destroy()),

  /** Answers the text "ping" with "pong" after `delay` ms, and speaks every `every` ms by itself; `mute` ms after it accepted nothing passes any more, and nobody says so. */
  pongs: arrival =>
    accept(arrival, client => {
      const { query, socket } = arrival
      const [delay, every, mute] = ['delay', 'every', 'mute'].map(name => count(query, name))
      const say = (text: string) => client.readyState === client.OPEN && !socket.isPaused() && client.send(text)
      client.on('message', message => `${message}` === 'ping' && setTimeout(say, delay, 'pong'))
      const speaking = every ? setInterval(say, every, 'price') : undefined
      const muting = mute ? setTimeout(() => socket.pause(), mute) : undefined
      client.on('close', () => {
        clearInterval(speaking)
        clearTimeout(muting)
      })
    }),

  /** Misbehaves as the query says, and hangs up. */
  hostile: ({ request, socket, query, id, sighting, ledger }) => {
    socket.on('close', () => ledger.end(id, sighting))
    ledger.attach(id, { drop: () => socket.destroy() })
    misbehave(query.get('name') ?? '', { socket, key: request.headers['sec-websocket-key'] ?? '' })
  },

  /** Tells the client what its request looked like. */
  reflects: arrival =>
    accept(arrival, client =>
      client.send(JSON.stringify({ url: arrival.request.url, headers: arrival.request.headers })),
    ),

  /** Takes the request and says nothing until told to. */
  holds: arrival => {
    const { socket, id, sighting, ledger } = arrival
    const gone = () => ledger.end(id, sighting)
    hangUpWithClient(socket)
    socket.on('close', gone)
    // A paused socket would not notice that the client hangs up.
    socket.resume()
    ledger.attach(id, {
      release: () => {
        socket.off('close', gone)
        accept(arrival)
      },
      drop: () => socket.destroy(),
    })
  },

  refuses: arrival => {
    answerRaw(
      arrival,
      responseHead(`${arrival.query.get('status')} Refused`, ['Content-Length: 0', 'Connection: close']),
    )
    // Not every client hangs up when it is told that the connection closes.
    arrival.socket.end(() => arrival.socket.destroy())
  },

  /** A handshake answer that is wrong in the one way the query names. */
  mumbles: arrival => {
    const correct = upgradeHead(arrival)
    const replace = arrival.query.get('replace') ?? ''
    const by = arrival.query.get('by') ?? ''
    answerRaw(arrival, correct.replace(new RegExp(replace), by))
    // Long after a client has made up its mind. Some never hang up, and open only so many connections to one server.
    setTimeout(() => arrival.socket.destroy(), MUMBLED_FOR_MS)
  },

  /** Adds one header to a correct handshake answer. */
  adds: arrival => answerRaw(arrival, upgradeHead(arrival, [arrival.query.get('header') ?? ''])),

  /** Ends the TCP connection in the middle of the handshake answer. */
  stutters: arrival => {
    answerRaw(arrival, upgradeHead(arrival).slice(0, 40))
    arrival.socket.end()
  },

  /** Answers the handshake with something that is no HTTP, and hangs up: until then it might be HTTP/0.9. */
  babbles: arrival => {
    answerRaw(arrival, upgradeHead(arrival).replace('HTTP/1.1 101', 'HELLO 101'))
    arrival.socket.end()
  },

  /** Never answers a close frame. */
  ignores: arrival => answerRaw(arrival, upgradeHead(arrival)),

  /** Answers the client's close frame with a code of its own. */
  answers: arrival =>
    answerRaw(arrival, upgradeHead(arrival), bytes => {
      if (!isCloseFrame(bytes)) return
      arrival.socket.end(closeFrame(count(arrival.query, 'code'), arrival.query.get('reason') ?? ''))
    }),
}
