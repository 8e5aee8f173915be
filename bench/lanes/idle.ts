import type { Open } from '../subjects/subject.ts'
import { SyntheticSocket } from '../wires/synthetic-socket.ts'
import type { WireName } from '../wires/wire.ts'
import { lane, opened } from './lane.ts'
import { memory } from './memory.ts'

/** Sockets that are opened before the first look at the heap: what is made once is no cost per socket. */
const WARM = 100
/** Sockets that are opened at once. */
const BATCH = 50
const timers = (): number => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length

/** Its other end answers a heartbeat. */
class AnsweringSocket extends SyntheticSocket {
  override send(data: string): void {
    super.send(data)
    if (data === 'ping') setImmediate(() => this.deliver('pong'))
  }
}

async function classOf(wire: WireName): Promise<unknown> {
  if (wire === 'synthetic') return AnsweringSocket
  return wire === 'ws' ? (await import('ws')).WebSocket : (await import('undici')).WebSocket
}

/**
 * Heap and timers per idle open socket: the first measurement opens the sockets, the second, after a while of the
 * parent's, looks what they keep. `ws` and undici connect to the server that the first argument of the process names.
 */
export async function idle(open: Open, wire: WireName, count: number): Promise<void> {
  Object.assign(globalThis, { WebSocket: await classOf(wire) })
  const url = process.argv[2] ?? ''
  const sockets: ReturnType<Open>[] = []
  const receive = (): void => {}
  const add = async (more: number): Promise<void> => {
    for (let i = 0; i < more; i++) {
      sockets.push(open(url, receive))
      // A server's backlog holds a few hundred connections, and a dial that waits for long is given up by some.
      if (i % BATCH === BATCH - 1) await opened(...sockets.slice(-BATCH))
    }
    await opened(...sockets)
  }
  let before = 0
  lane(async () => {
    if (sockets.length) {
      const idling = timers() / sockets.length
      const bytes = ((await memory()).heap - before) / count
      if (sockets.some(socket => socket.readyState !== 1)) throw new Error('A socket closed while it was idle.')
      return { bytes, idling }
    }
    await add(WARM)
    before = (await memory()).heap
    await add(count)
    return { settling: timers() / sockets.length }
  })
}
