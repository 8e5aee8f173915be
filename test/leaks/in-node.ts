// A process of its own: lives its lives, and tells its parent what says that something leaked.
import { WebSocket } from 'ws'
import { fakePage } from './fake-page.ts'
import { readHere } from './read-here.ts'
import { complaints, type Reading } from './reading.ts'
import { type Plan, trial } from './trial.ts'

/** The lives after which the memory is looked at. */
export interface NodePlan extends Plan {
  readonly early: number
  readonly late: number
}

const HEAP_BYTES = 200_000

/** The handshake is what takes the time, so it is kept short. */
class PlainWebSocket extends WebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols, { perMessageDeflate: false })
  }
}

async function main(): Promise<void> {
  const plan: NodePlan = JSON.parse(process.argv[2] ?? '')
  const page = fakePage()
  const { run, counts } = trial(PlainWebSocket, plan)
  const read = (): Promise<Reading> => readHere(counts, () => page.listeners)
  const before = await read()
  await run(plan.early)
  const early = await read()
  await run(plan.late - plan.early)
  process.send?.(complaints([before, early, await read()], HEAP_BYTES), () => process.exit())
}

main()
