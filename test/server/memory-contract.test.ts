import { memoryLog } from '../../src/server/memory-log.ts'
import { virtualClock } from '../../src/testing/index.ts'
import { logContract } from './log-contract.ts'

const clock = virtualClock()

logContract('memory', () => ({
  fresh: options => memoryLog({ clock, ...options }),
  pass: async ms => {
    await clock.advance(ms)
  },
}))
