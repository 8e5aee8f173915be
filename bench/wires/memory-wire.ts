import { PAYLOADS } from '../payloads.ts'
import { type MemoryConnection, textFrame } from './memory-connection.ts'
import type { Wire } from './wire.ts'

const FRAMES = Buffer.concat(PAYLOADS.map(textFrame))

/** A whole class, on a connection in memory. */
export function memoryWire(Class: { readonly latest: MemoryConnection | undefined }): Wire {
  Object.assign(globalThis, { WebSocket: Class })
  return {
    deliver: () => {
      Class.latest?.push(FRAMES)
    },
    sent: () => Class.latest?.swallowed ?? 0,
  }
}
