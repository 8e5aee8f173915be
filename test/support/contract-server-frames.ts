import { createHash } from 'node:crypto'

/** What RFC 6455 §1.3 has the server append to the client's key. */
const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** The `Sec-WebSocket-Accept` that answers a `Sec-WebSocket-Key` [RFC 6455 §4.2.2]. */
export function acceptFor(key: string): string {
  return createHash('sha1')
    .update(key + HANDSHAKE_GUID)
    .digest('base64')
}

/** A close frame as a server sends it: final, not masked [RFC 6455 §5.5.1]. */
export function closeFrame(code: number, reason = ''): Buffer {
  const text = Buffer.from(reason)
  const payload = Buffer.alloc(2 + text.length)
  payload.writeUInt16BE(code)
  text.copy(payload, 2)
  return Buffer.concat([Buffer.from([0x88, payload.length]), payload])
}

/** An HTTP response head, lines in the order given, ended by the empty line. */
export function responseHead(statusLine: string, headers: readonly string[]): string {
  return `HTTP/1.1 ${statusLine}\r\n${headers.map(header => `${header}\r\n`).join('')}\r\n`
}
