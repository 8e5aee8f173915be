import type { Sendable } from '../transports/transport.ts'

/** A message on its way: text, bytes of their own, or a blob. */
export type Payload = string | Uint8Array<ArrayBuffer> | Blob

/** A message as it is now, as `send()` takes it [WHATWG WebSockets §3, send()]: what happens to a buffer later does not matter. */
export function payloadOf(data: Sendable): Payload {
  if (data instanceof Blob) return data
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
  if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0))
  return `${data}`
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
