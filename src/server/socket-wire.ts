import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import type { Clock } from './clock.ts'
import type { Outgoing } from './outgoing.ts'
import type { Receiver, Wire } from './wire.ts'

/** A close handshake that takes longer is not waited for. */
const CLOSING_MS = 5_000

/** So many bytes are a packet of their own, and are not held for what comes next. */
const PIECE_BYTES = 16_384

/** What ws says of frames that it cannot read, as close codes [RFC 6455 §7.4.1]. */
const BROKEN: Readonly<Record<string, number>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
}

/** A WebSocket as a wire. */
export class SocketWire implements Wire {
  readonly transport = 'websocket'
  readonly mostBuffered: number = Infinity
  readonly #socket: WebSocket
  readonly #stream: Duplex
  readonly #clock: Clock
  readonly #compressOver: number
  readonly #written: () => void
  readonly #release: () => void
  /** Frames are gathered until this tick is over. */
  #gathering = false
  #undo: (() => void) | undefined

  /** @param stream - What the socket was upgraded from. */
  constructor(socket: WebSocket, stream: Duplex, clock: Clock, compressOverBytes: number) {
    this.#socket = socket
    this.#stream = stream
    this.#clock = clock
    this.#compressOver = compressOverBytes
    this.#written = () => this.onWritten()
    this.#release = () => this.#writeOut()
  }

  /** Told whenever something was written out. */
  onWritten: () => void = () => {}

  get buffered(): number {
    return this.#socket.bufferedAmount
  }

  /** Gives what arrives to whoever receives it; `gone` when nothing is left of the socket. */
  attach(receiver: Receiver, gone: () => void): void {
    const socket = this.#socket
    this.onWritten = () => receiver.flushed()
    let broken: number | undefined
    socket.on('message', (frame, binary) => {
      if (Buffer.isBuffer(frame)) receiver.receive(frame, binary)
    })
    // Answered here and not by ws: whoever pings and does not read must not fill the buffer.
    socket.on('ping', payload => {
      this.#writeOut()
      if (receiver.heard() && socket.readyState === WebSocket.OPEN && this.buffered === 0) socket.pong(payload)
    })
    socket.on('pong', () => receiver.heard())
    socket.on('error', error => {
      broken = 'code' in error ? (BROKEN[`${error.code}`] ?? 1002) : undefined
    })
    socket.on('close', (code, reason) => {
      this.#undo?.()
      if (broken !== undefined) receiver.lost(broken, 'a frame that cannot be read', 'server')
      else receiver.lost(code, reason.toString(), code === 1006 ? 'network' : 'client')
      gone()
    })
  }

  send({ bytes, binary }: Outgoing): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return
    this.#gather()
    this.#socket.send(bytes, { binary, compress: bytes.byteLength >= this.#compressOver }, this.#written)
    if (this.#stream.writableLength >= PIECE_BYTES) this.#writeOut()
  }

  end(code: number, reason: string): void {
    this.#socket.resume()
    this.#socket.close(code, reason)
    this.#undo = this.#clock.schedule(this.#clock.now() + CLOSING_MS, () => this.#socket.terminate())
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** A system call costs more than all else that is done for a frame: those of one tick share one, as the lines of an HTTP answer do in Node. */
  #gather(): void {
    if (this.#gathering) return
    this.#gathering = true
    this.#stream.cork()
    process.nextTick(this.#release)
  }

  #writeOut(): void {
    if (!this.#gathering) return
    this.#gathering = false
    this.#stream.uncork()
  }
}
