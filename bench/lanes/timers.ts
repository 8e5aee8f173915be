import { PAYLOADS } from '../payloads.ts'
import type { Open } from '../subjects/subject.ts'
import { SyntheticSocket } from '../wires/synthetic-socket.ts'
import { lane, opened } from './lane.ts'

const MESSAGES = 10_000

/** How many timers are started while messages arrive. */
export function timers(open: Open): void {
  Object.assign(globalThis, { WebSocket: SyntheticSocket })
  let started = 0
  // Before the library is asked for anything: it looks the globals up when it needs them.
  for (const name of ['setTimeout', 'setInterval', 'setImmediate'] as const) {
    Object.assign(globalThis, {
      [name]: new Proxy(globalThis[name], {
        apply(native, self, given) {
          started++
          return Reflect.apply(native, self, given)
        },
      }),
    })
  }
  const socket = open('ws://127.0.0.1:1/', () => {})
  lane(async () => {
    await opened(socket)
    const before = started
    for (let i = 0; i < MESSAGES; i++) SyntheticSocket.latest?.deliver(PAYLOADS[i % PAYLOADS.length] ?? '')
    return { perMessage: (started - before) / MESSAGES }
  })
}
