import { MemorySocket } from './memory-socket.ts'
import { memoryWire } from './memory-wire.ts'

export const lay = () => memoryWire(MemorySocket)
