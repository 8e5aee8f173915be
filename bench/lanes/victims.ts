import { WebSocket } from 'undici'
import { lane, type Reading, sleep } from './lane.ts'
import { fresh } from './library.ts'

/** How often the clients are looked at. */
const LOOK_MS = 10
/** What a server says to everyone who connects. */
export const GREETING = 'hello'

/**
 * Clients that something happens to. The first measurement opens them, over some time, so that their heartbeats are at
 * different points; the second answers when they were seen to be without a connection and when a new one had brought a
 * message: `fault victim lost|back number`, as epoch ms. With undici's class, which is the global one of Node 22.
 */
export function victims(): void {
  const [, , module = '', ports = '', count = '', staggerMs = ''] = process.argv
  Object.assign(globalThis, { WebSocket })
  const seen: Reading = {}
  const looks: (() => void)[] = []
  const start = (open: Awaited<ReturnType<typeof fresh>>, name: string, port: string): void => {
    let number = 0
    let serving = false
    const note = (what: 'lost' | 'back'): void => {
      seen[`${name} ${what} ${number++}`] = Date.now()
      serving = what === 'back'
    }
    const socket = open(`ws://127.0.0.1:${port}/`, ({ data }) => {
      if (data === GREETING) note('back')
    })
    looks.push(() => {
      if (serving && socket.readyState !== 1) note('lost')
    })
  }
  const startAll = async (): Promise<void> => {
    for (let victim = 0; victim < Number(count); victim++) {
      for (const line of ports.split(',')) {
        const [fault = '', port = ''] = line.split('=')
        start(await fresh(module, looks.length), `${fault} ${victim}`, port)
      }
      await sleep(Number(staggerMs) / Number(count))
    }
  }
  let begun = false
  lane(() => {
    if (begun) return seen
    begun = true
    setInterval(() => {
      for (const look of looks) look()
    }, LOOK_MS)
    void startAll()
    return {}
  })
}
