import { type Follower, type Log, memoryLog } from 'holdfast/server'
import { describe, expect, it } from 'vitest'
import { losableLog } from '../../../examples/session/server/losable-log.ts'

interface Heard extends Follower {
  readonly said: string[]
}

function follower(): Heard {
  const said: string[] = []
  return {
    said,
    events: events => said.push(...events.map(({ seq, body }) => `${seq} ${body}`)),
    lost: ({ seq }) => said.push(`lost, at ${seq}`),
  }
}

const fresh = (): Log => memoryLog()

describe('a log that can be lost', () => {
  it('is a log like any other until then', async () => {
    const log = losableLog(fresh)
    const heard = follower()
    await log.follow('t', heard)
    const { epoch, seq } = await log.append('t', 'a', { key: 'k', dedupeMs: 1_000 })
    expect(await log.append('t', 'a', { key: 'k', dedupeMs: 1_000 })).toEqual({ epoch, seq, dup: true })
    expect(await log.read('t', { epoch, seq: 0 }, 10)).toMatchObject([{ seq: 1, body: 'a' }])
    expect(heard.said).toEqual(['1 a'])
    await log.close()
  })

  it('has another epoch then, no event and no id, and tells whoever follows', async () => {
    const log = losableLog(fresh)
    const heard = follower()
    await log.follow('t', heard)
    const before = await log.append('t', 'a', { key: 'k', dedupeMs: 1_000 })
    await log.lose()
    const head = await log.head('t')
    expect(head).toMatchObject({ seq: 0 })
    expect(head.epoch).not.toBe(before.epoch)
    expect(await log.read('t', before, 10)).toBeNull()
    expect(await log.append('t', 'b', { key: 'k', dedupeMs: 1_000 })).toMatchObject({ seq: 1, dup: false })
    expect(heard.said).toEqual(['1 a', 'lost, at 0', '1 b'])
    await log.close()
  })

  it('puts nobody back who has seen an event of the new epoch already', async () => {
    const log = losableLog(fresh)
    const heard = follower()
    await log.follow('t', heard)
    const losing = log.lose()
    await log.append('t', 'b')
    await losing
    expect(heard.said).toEqual(['1 b'])
    await log.close()
  })

  it('tells nobody who has stopped, before or meanwhile', async () => {
    const log = losableLog(fresh)
    const [early, late] = [follower(), follower()]
    const first = await log.follow('t', early)
    const second = await log.follow('t', late)
    first.stop()
    const losing = log.lose()
    second.stop()
    await losing
    await log.append('t', 'b')
    expect([early.said, late.said]).toEqual([[], []])
    await log.close()
  })
})
