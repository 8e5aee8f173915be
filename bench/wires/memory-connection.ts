import { createHash } from 'node:crypto'
import { Duplex } from 'node:stream'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** The other end of a `ws` client without a network: accepts the handshake, delivers what it is told to, swallows what it is sent. */
export class MemoryConnection extends Duplex {
  #request = ''
  #accepted = false
  swallowed = 0

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#accepted) this.swallowed += chunk.length
    else this.#shakeHands(chunk.toString('latin1'))
    done()
  }

  /** [RFC 6455 §4.2.2] */
  #shakeHands(text: string): void {
    this.#request += text
    const key = /^Sec-WebSocket-Key: (.+)\r$/im.exec(this.#request)?.[1]
    if (!key || !this.#request.endsWith('\r\n\r\n')) return
    this.#accepted = true
    const accept = createHash('sha1')
      .update(key + GUID)
      .digest('base64')
    this.push(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
  }
}

/** A text message of less than 126 bytes as a server sends it: not masked [RFC 6455 §5.1]. */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  return Buffer.concat([Buffer.from([0x81, payload.length]), payload])
}
