import { MemorySocket } from '../memory-socket.ts'
import { PAYLOADS } from '../payloads.ts'
import type { Open } from '../subjects/subject.ts'
import { SyntheticSocket } from '../synthetic-socket.ts'
import { cpuPer, lane, opened, sleep } from './lane.ts'

/** CPU per message sent. `written` is how many bytes have left the socket under the subject. */
function send(open: Open, passes: number, written: () => number): void {
  const socket = open('ws://127.0.0.1:1/', () => {})
  lane(async () => {
    await opened(socket)
    const before = written()
    const ns = cpuPer(passes * PAYLOADS.length, () => {
      for (let pass = 0; pass < passes; pass++) for (const payload of PAYLOADS) socket.send(payload)
    })
    await sleep(1)
    const expected = passes * PAYLOADS.reduce((sum, payload) => sum + payload.length, 0)
    if (written() - before < expected) throw new Error(`Sent ${written() - before} bytes of ${expected}.`)
    return { ns }
  })
}

export function sendSynthetic(open: Open, passes: number): void {
  Object.assign(globalThis, { WebSocket: SyntheticSocket })
  send(open, passes, () => SyntheticSocket.latest?.sentBytes ?? 0)
}

export function sendWs(open: Open, passes: number): void {
  Object.assign(globalThis, { WebSocket: MemorySocket })
  send(open, passes, () => MemorySocket.latest?.swallowed ?? 0)
}
