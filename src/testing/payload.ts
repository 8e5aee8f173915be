import type { Sendable } from '../transports/transport.ts'

/** A message on its way: text, bytes of their own, or a blob. */
export type Payload = string | Uint8Array<ArrayBuffer> | Blob

const kindOf = (data: unknown): string => Object.prototype.toString.call(data).slice(8, -1)
const isBlob = (data: unknown): data is Blob => ['Blob', 'File'].includes(kindOf(data))
// Of whatever realm: a test may run in another one than its timers and sockets.
const isBuffer = (data: unknown): data is ArrayBufferLike => ['ArrayBuffer', 'SharedArrayBuffer'].includes(kindOf(data))

/** A message as it is now, as `send()` takes it [WHATWG WebSockets §3, send()]: what happens to a buffer later does not matter. */
export function payloadOf(data: Sendable): Payload {
  if (isBlob(data)) return data
  if (ArrayBuffer.isView(data)) return copyOf(data.buffer, data.byteOffset, data.byteLength)
  if (isBuffer(data)) return copyOf(data, 0, data.byteLength)
  return `${data}`
}

function copyOf(buffer: ArrayBufferLike, byteOffset: number, byteLength: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(byteLength)
  copy.set(new Uint8Array(buffer, byteOffset, byteLength))
  return copy
}

/** Bytes on the wire, without framing. */
export function bytesOf(payload: Payload): number {
  if (payload instanceof Blob) return payload.size
  return typeof payload === 'string' ? new TextEncoder().encode(payload).length : payload.byteLength
}

/** What `event.data` is, for a socket of that `binaryType`. */
export function received(payload: Payload, binaryType: BinaryType): string | Blob | ArrayBuffer {
  if (typeof payload === 'string') return payload
  if (payload instanceof Blob) return payload
  return binaryType === 'blob' ? new Blob([payload]) : payload.slice().buffer
}
