import { WebSocket } from 'ws'
import type { Open } from '../subjects/subject.ts'
import { lane } from './lane.ts'

type Module = { readonly open: Open }

function isModule(value: unknown): value is Module {
  return typeof value === 'object' && value !== null && 'open' in value && typeof value.open === 'function'
}

/**
 * Starts clients against a server that accepts and closes. Each gets a fresh copy of its library, as every page load
 * does: one of the peers draws its jitter once per page load.
 */
export function dials(): void {
  const [, , module = '', url = '', clients = ''] = process.argv
  Object.assign(globalThis, { WebSocket })
  lane(async () => {
    for (let client = 0; client < Number(clients); client++) {
      const fresh: unknown = await import(`${module}?${client}`)
      if (!isModule(fresh)) throw new Error(`${module} exports no \`open\`.`)
      fresh.open(`${url}/${client}`, () => {})
    }
    return {}
  })
}
