import { PAYLOADS } from '../payloads.ts'
import type { Open } from '../subjects/subject.ts'
import { NOWHERE, type Wire } from '../wires/wire.ts'
import { cpuPer, lane, later, opened } from './lane.ts'

const PASS = PAYLOADS.reduce((sum, payload) => sum + payload.length, 0)

/** CPU per message sent. */
export function send(open: Open, wire: Wire, passes: number): void {
  const socket = open(NOWHERE, () => {})
  // A function of its own: called often, it is compiled as an app's code is, not in the middle of a loop.
  const pass = (): void => {
    for (const payload of PAYLOADS) socket.send(payload)
  }
  lane(async () => {
    await opened(socket)
    const expected = wire.sent() + passes * PASS
    // What a class puts off to a later task, it must do too.
    const ns = await cpuPer(passes * PAYLOADS.length, async () => {
      for (let i = 0; i < passes; i++) pass()
      for (let wait = 0; wire.sent() < expected && wait < 100; wait++) await later()
    })
    if (wire.sent() < expected) throw new Error(`Sent ${wire.sent()} bytes of ${expected}.`)
    return { ns }
  })
}
