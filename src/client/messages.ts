import type { Sendable } from '../transports/transport.ts'

/** Bytes of UTF-8; a lone surrogate counts as the replacement character it becomes. */
export function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length
}

/** By its tag and not by `instanceof`: a buffer from an iframe is one too. */
function is<T>(data: unknown, ...tags: string[]): data is T {
  return tags.includes(Object.prototype.toString.call(data).slice(8, -1))
}

/**
 * A message as it is now, with its size in bytes: buffers and views are copied and everything else becomes a string,
 * as the platform's `send()` does it [WHATWG WebSockets §3, send()].
 */
export function snapshot(data: Sendable): readonly [message: Sendable, bytes: number] {
  if (is<Blob>(data, 'Blob', 'File')) return [data, data.size]
  if (is<ArrayBuffer>(data, 'ArrayBuffer')) return [data.slice(0), data.byteLength]
  if (ArrayBuffer.isView(data)) {
    return [new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice(), data.byteLength]
  }
  const text = `${data}`
  return [text, utf8Bytes(text)]
}
