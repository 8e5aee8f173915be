// A process of its own, with `--expose-gc`: lives its lives, and tells its parent what says that something leaked.
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { fakePage } from './fake-page.ts'
import { complaints, type Reading } from './reading.ts'
import { type Plan, trial } from './trial.ts'

/** The lives after which the memory is looked at. */
export interface NodePlan extends Plan {
  readonly early: number
  readonly late: number
}

/** The handshake is what takes the time, so it is kept short. */
class PlainWebSocket extends WebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols, { perMessageDeflate: false })
  }
}

const plan: NodePlan = JSON.parse(process.argv[2] ?? '')
const page = fakePage()
const { run, census } = trial(PlainWebSocket, plan)

async function read(): Promise<Reading> {
  // Sockets go in the tasks after their `close` event, and finalizers run in tasks of their own.
  for (let i = 0; i < 4; i++) {
    await pause(30)
    globalThis.gc?.()
  }
  await pause(30)
  return {
    heapBytes: process.memoryUsage().heapUsed,
    listeners: page.listeners,
    resources: process.getActiveResourcesInfo(),
    census: structuredClone(census),
  }
}

async function main(): Promise<void> {
  const before = await read()
  await run(plan.early)
  const early = await read()
  await run(plan.late - plan.early)
  process.send?.(complaints([before, early, await read()]), () => process.exit())
}

main()
