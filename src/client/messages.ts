import type { Sendable } from '../transports/transport.ts'

const kindOf = (data: unknown): string => Object.prototype.toString.call(data).slice(8, -1)
const isBlob = (data: unknown): data is Blob => ['Blob', 'File'].includes(kindOf(data))
const isBuffer = (data: unknown): data is ArrayBuffer => kindOf(data) === 'ArrayBuffer'

/**
 * A message as it is now, with its size in bytes: buffers and views are copied and everything else becomes a string,
 * as the platform's `send()` does it [WHATWG WebSockets §3, send()].
 */
export function snapshot(data: Sendable): { readonly message: Sendable; readonly bytes: number } {
  if (isBlob(data)) return { message: data, bytes: data.size }
  if (isBuffer(data)) return { message: data.slice(0), bytes: data.byteLength }
  if (ArrayBuffer.isView(data)) {
    const message = new Uint8Array(data.byteLength)
    message.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    return { message, bytes: message.length }
  }
  const message = `${data}`
  return { message, bytes: new TextEncoder().encode(message).length }
}
