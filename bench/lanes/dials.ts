import { WebSocket } from 'ws'
import { lane } from './lane.ts'
import { fresh } from './library.ts'

/** Starts clients against a server that accepts and closes. */
export function dials(): void {
  const [, , module = '', url = '', clients = ''] = process.argv
  Object.assign(globalThis, { WebSocket })
  lane(async () => {
    for (let client = 0; client < Number(clients); client++) {
      const open = await fresh(module, client)
      open(`${url}/${client}`, () => {})
    }
    return {}
  })
}
