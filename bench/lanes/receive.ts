import { PAYLOADS } from '../payloads.ts'
import type { Listening, Open } from '../subjects/subject.ts'
import { NOWHERE, type Wire } from '../wires/wire.ts'
import { cpuPer, lane, later, opened } from './lane.ts'

/** CPU per received message. */
export function receive(open: Open, wire: Wire, listening: Listening, passes: number): void {
  let messages = 0
  let bytes = 0
  const socket = open(
    NOWHERE,
    event => {
      messages++
      bytes += event.data.length
    },
    listening,
  )
  lane(async () => {
    await opened(socket)
    const expected = messages + passes * PAYLOADS.length
    // What a class puts off to a later task, it must do too.
    const ns = await cpuPer(passes * PAYLOADS.length, async () => {
      for (let pass = 0; pass < passes; pass++) wire.deliver()
      for (let wait = 0; messages < expected && wait < 100; wait++) await later()
    })
    if (messages !== expected || bytes === 0) throw new Error(`Received ${messages} messages of ${expected}.`)
    return { ns }
  })
}
