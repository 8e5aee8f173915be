import { nodeModule } from '../bundle.ts'
import type { Reading } from '../lanes/lane.ts'
import { startLane } from '../lanes.ts'

/** What is simulated in a process of its own: a call of `lanes/storm.ts`, as source. */
export type Call = `${'restartOf' | 'revolvingDoor' | 'freeze' | 'everyRestart' | 'otherNumbers'}(${string})`

/** States die young, but not in the 16 MB that V8 has for the young by default. */
const FLAGS = ['--max-semi-space-size=64', '--max-old-space-size=4096']
/** As many as the smallest machine that this is run on has cores. */
const AT_ONCE = 2

let made = 0

async function simulated(call: Call, times: number, told: () => void): Promise<Reading[]> {
  const name = call.slice(0, call.indexOf('('))
  const module = await nodeModule(`storm-${made++}`, `import { ${name} } from './lanes/storm.ts'\n${call}`)
  const lane = await startLane(module, { flags: FLAGS })
  const readings: Reading[] = []
  try {
    for (let time = 0; time < times; time++) {
      readings.push(await lane.measure())
      told()
    }
  } finally {
    lane.stop()
  }
  return readings
}

/** Two processes at a time; what each found, in the order of the calls. */
export async function pooled(
  calls: readonly Call[],
  times: number,
  told: (done: number) => void,
): Promise<Reading[][]> {
  const found: Reading[][] = []
  const queue = [...calls.entries()]
  let done = 0
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [i, call] = next
      found[i] = await simulated(call, times, () => told(++done / (calls.length * times)))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return found
}
