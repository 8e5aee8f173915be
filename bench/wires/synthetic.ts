import { PAYLOADS } from '../payloads.ts'
import { SyntheticSocket } from './synthetic-socket.ts'
import type { Wire } from './wire.ts'

export function lay(): Wire {
  Object.assign(globalThis, { WebSocket: SyntheticSocket })
  return {
    deliver() {
      for (const payload of PAYLOADS) SyntheticSocket.latest?.deliver(payload)
    },
    sent: () => SyntheticSocket.latest?.sentBytes ?? 0,
  }
}
