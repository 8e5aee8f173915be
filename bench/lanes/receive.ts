import { textFrame } from '../memory-connection.ts'
import { MemorySocket } from '../memory-socket.ts'
import { PAYLOADS } from '../payloads.ts'
import type { Listening, Open } from '../subjects/subject.ts'
import { SyntheticSocket } from '../synthetic-socket.ts'
import { cpuPer, lane, opened } from './lane.ts'

const FRAMES = Buffer.concat(PAYLOADS.map(textFrame))

/** CPU per received message: `deliver` brings one pass over the payloads to the socket under the subject. */
function receive(open: Open, listening: Listening, passes: number, deliver: () => void): void {
  let messages = 0
  let bytes = 0
  const socket = open(
    'ws://127.0.0.1:1/',
    event => {
      messages++
      bytes += event.data.length
    },
    listening,
  )
  lane(async () => {
    await opened(socket)
    const expected = messages + passes * PAYLOADS.length
    const ns = cpuPer(passes * PAYLOADS.length, () => {
      for (let pass = 0; pass < passes; pass++) deliver()
    })
    if (messages !== expected || bytes === 0) throw new Error(`Received ${messages} messages of ${expected}.`)
    return { ns }
  })
}

export function receiveSynthetic(open: Open, listening: Listening, passes: number): void {
  Object.assign(globalThis, { WebSocket: SyntheticSocket })
  receive(open, listening, passes, () => {
    for (const payload of PAYLOADS) SyntheticSocket.latest?.deliver(payload)
  })
}

export function receiveWs(open: Open, listening: Listening, passes: number): void {
  Object.assign(globalThis, { WebSocket: MemorySocket })
  receive(open, listening, passes, () => {
    MemorySocket.latest?.push(FRAMES)
  })
}
