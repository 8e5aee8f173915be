/** Small readers and writers for what travels over a connection. */

export function bytes(...values: readonly number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(values)
}

export function hex(data: ArrayBuffer | ArrayBufferView): string {
  const view = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data)
  return Array.from(view, byte => byte.toString(16).padStart(2, '0')).join('')
}

/** A view of `byteLength` bytes on a larger buffer that begins and ends with other bytes. */
export type ViewClass = new (buffer: ArrayBuffer, byteOffset: number, length: number) => ArrayBufferView

export const VIEW_CLASSES: readonly (readonly [name: string, View: ViewClass, bytesPerElement: number])[] = [
  ['Int8Array', Int8Array, 1],
  ['Uint8Array', Uint8Array, 1],
  ['Uint8ClampedArray', Uint8ClampedArray, 1],
  ['Int16Array', Int16Array, 2],
  ['Uint16Array', Uint16Array, 2],
  ['Int32Array', Int32Array, 4],
  ['Uint32Array', Uint32Array, 4],
  ['Float32Array', Float32Array, 4],
  ['Float64Array', Float64Array, 8],
  ['BigInt64Array', BigInt64Array, 8],
  ['BigUint64Array', BigUint64Array, 8],
  ['DataView', DataView, 1],
]

/** A buffer of `length` bytes that differ from their neighbours. */
export function patterned(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, n) => (n * 31 + (n >> 8)) & 0xff)
}
