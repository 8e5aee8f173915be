import { MemoryUndici } from './memory-undici.ts'
import { memoryWire } from './memory-wire.ts'

export const lay = () => memoryWire(MemoryUndici)
