import type { Open } from '../subjects/subject.ts'
import { SyntheticSocket } from '../wires/synthetic-socket.ts'
import type { WireName } from '../wires/wire.ts'
import { lane, opened, type Reading, sleep } from './lane.ts'

/** Sockets that are opened before the first look at the heap: what is made once is no cost per socket. */
const WARM = 20
/** Longer than every stable window and connect timeout of the subjects (10 s is the longest), and than the silence after which a heartbeat asks (15 s). */
const SETTLE_MS = 17_000

const timers = (): number => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length

async function heap(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await sleep(20)
  }
  return process.memoryUsage().heapUsed
}

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

/** Heap and timers per idle open socket. `ws` and undici connect to the server that the first argument of the process names. */
export async function idle(open: Open, wire: WireName, count: number): Promise<void> {
  Object.assign(globalThis, { WebSocket: await classOf(wire) })
  const url = process.argv[2] ?? ''
  const sockets: ReturnType<Open>[] = []
  const receive = (): void => {}
  const add = async (more: number): Promise<void> => {
    for (let i = 0; i < more; i++) {
      sockets.push(open(url, receive))
      // A server's backlog holds a few hundred connections.
      if (i % 100 === 99) await sleep(10)
    }
    await opened(...sockets)
  }
  const measure = async (): Promise<Reading> => {
    await add(WARM)
    const before = await heap()
    await add(count)
    const settling = timers()
    await sleep(SETTLE_MS)
    const idling = timers()
    const bytes = ((await heap()) - before) / count
    if (sockets.some(socket => socket.readyState !== 1)) throw new Error('A socket closed while it was idle.')
    return { bytes, settling: settling / sockets.length, idling: idling / sockets.length }
  }
  lane(measure)
}
