import type { Open } from '../subjects/subject.ts'
import { SyntheticSocket } from '../synthetic-socket.ts'
import { lane, opened, type Reading, sleep } from './lane.ts'

/** Sockets that are opened before the first look at the heap: what is made once is no cost per socket. */
const WARM = 20
/** Longer than every stable window and connect timeout of the subjects: 10 s is the longest, Holdfast's. */
const SETTLE_MS = 11_000

const timers = (): number => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length

async function heap(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await sleep(20)
  }
  return process.memoryUsage().heapUsed
}

/** Heap and timers per idle open socket. */
function idle(open: Open, url: string, count: number): void {
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

export function idleSynthetic(open: Open, count: number): void {
  Object.assign(globalThis, { WebSocket: SyntheticSocket })
  idle(open, 'ws://127.0.0.1:1/', count)
}

/** The `ws` class on a real connection; the server's address is the first argument of the process. */
export async function idleWs(open: Open, count: number): Promise<void> {
  const { WebSocket } = await import('ws')
  Object.assign(globalThis, { WebSocket })
  idle(open, process.argv[2] ?? '', count)
}
