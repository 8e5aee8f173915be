// A socket that lives for years, and what it keeps of them.
import { describe, expect, it, vi } from 'vitest'
import type { LongPlan } from './long-life.ts'
import { spawned } from './spawned.ts'
import type { MessagesPlan } from './waiting-messages.ts'

vi.setConfig({ testTimeout: 120_000 })

const longLife = (plan: LongPlan): Promise<readonly string[]> => spawned('long-life.ts', plan)
const waitingMessages = (plan: MessagesPlan): Promise<readonly string[]> => spawned('waiting-messages.ts', plan)

describe('a socket that has reconnected five thousand times', () => {
  it('is as big as after a thousand, and leaves nothing behind when it is closed', async () => {
    expect(await longLife({ early: 1_000, late: 5_000, planted: false })).toEqual([])
  })

  it('would be seen to grow if it kept what happened', async () => {
    expect(await longLife({ early: 50, late: 250, planted: true })).toEqual([expect.stringMatching(/the heap grew/)])
  })
})

describe('ten thousand messages that waited', () => {
  it('are gone once they were sent, expired, cancelled, dropped or discarded', async () => {
    expect(await waitingMessages({ messages: 10_000, planted: false })).toEqual([])
  })

  it('would be seen if one in ten were kept', async () => {
    const complaints = await waitingMessages({ messages: 1_000, planted: true })
    for (const kind of ['sent', 'expired', 'cancelled', 'dropped', 'discarded']) {
      expect(complaints).toContainEqual(expect.stringContaining(`${kind} were kept`))
    }
  })
})
