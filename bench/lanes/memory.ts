import { sleep } from './lane.ts'

/** The least of several looks, each after a collection: from one to the next it moves by some 200 kB and back. */
export async function memory(): Promise<{ readonly heap: number; readonly rss: number }> {
  const looks: NodeJS.MemoryUsage[] = []
  for (let i = 0; i < 6; i++) {
    globalThis.gc?.()
    await sleep(30)
    looks.push(process.memoryUsage())
  }
  return {
    heap: Math.min(...looks.map(({ heapUsed }) => heapUsed)),
    rss: Math.min(...looks.map(({ rss }) => rss)),
  }
}
