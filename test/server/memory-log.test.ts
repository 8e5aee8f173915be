import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Head, LogUnavailable, type MemoryLogOptions, memoryLog, type Stored } from '../../src/server/index.ts'
import { virtualClock } from '../../src/testing/virtual-clock.ts'

function logged(options: MemoryLogOptions = {}) {
  const clock = virtualClock()
  const log = memoryLog({ clock, ...options })
  const publish = async (topic: string, count: number): Promise<void> => {
    for (let n = 0; n < count; n++) await log.append(topic, `${n}`)
  }
  const seqs = async (topic: string, seq = 0): Promise<readonly number[] | null> => {
    const { epoch } = await log.head(topic)
    return (await log.read(topic, { epoch, seq }, 1_000))?.map(stored => stored.seq) ?? null
  }
  return { clock, log, publish, seqs }
}

describe('memoryLog', () => {
  it('numbers the events of a topic one by one, and gives those after a cursor', async () => {
    const { log, publish, seqs } = logged()
    await publish('a', 3)
    await log.append('b', '"other"')
    expect(await seqs('a')).toEqual([1, 2, 3])
    expect(await seqs('a', 2)).toEqual([3])
    expect(await seqs('a', 3)).toEqual([])
    expect(await seqs('b')).toEqual([1])
    const { epoch } = await log.head('a')
    expect((await log.read('a', { epoch, seq: 0 }, 2))?.map(({ body }) => body)).toEqual(['0', '1'])
  })

  it('has another epoch each time it is made, and knows no cursor of another one', async () => {
    const { log, publish } = logged()
    await publish('a', 2)
    const { epoch } = await logged().log.head('a')
    expect((await log.head('a')).epoch).not.toBe(epoch)
    expect(await log.read('a', { epoch, seq: 1 }, 10)).toBeNull()
    expect(await log.read('never', { epoch, seq: 0 }, 10)).toBeNull()
  })

  it('stores a key once for as long as it is remembered, on its topic', async () => {
    const { log, clock, seqs } = logged()
    const once = { key: 'me|c-1', dedupeMs: 1_000 }
    const first = await log.append('a', '1', once)
    expect(await log.append('a', '2', once)).toEqual({ ...first, dup: true })
    expect(await log.append('b', '3', once)).toMatchObject({ dup: false })
    await clock.advance(1_001)
    expect(await log.append('a', '4', once)).toMatchObject({ seq: 2, dup: false })
    expect(await seqs('a')).toEqual([1, 2])
  })

  it('keeps the newest events, by count and by age, and says where the oldest stands', async () => {
    const { log, clock, publish, seqs } = logged({ maxEvents: 10, maxAgeMs: 1_000 })
    await publish('a', 25)
    expect(await log.head('a')).toMatchObject({ seq: 25, oldest: 16 })
    expect(await seqs('a', 15)).toHaveLength(10)
    expect(await seqs('a', 14)).toBeNull()
    await clock.advance(600)
    await publish('a', 2)
    await clock.advance(600)
    expect(await log.head('a')).toMatchObject({ seq: 27, oldest: 26 })
    await clock.advance(600)
    expect(await log.head('a')).toMatchObject({ seq: 27, oldest: 28 })
    expect(await seqs('a', 26)).toBeNull()
    expect(await seqs('a', 27)).toEqual([])
  })

  it('keeps within its bytes: the quietest topic gives way first', async () => {
    const { log, seqs } = logged({ maxBytes: 10_000 })
    for (let n = 0; n < 4; n++) await log.append('quiet', 'x'.repeat(1_000))
    for (let n = 0; n < 6; n++) await log.append('busy', 'x'.repeat(1_000))
    expect((await log.head('quiet')).oldest).toBe(3)
    expect(await seqs('busy')).toHaveLength(6)
  })

  it('begins a topic that it gave up in another epoch, and gives up none that is followed', async () => {
    const { log, publish } = logged({ maxTopics: 2 })
    const { stop } = await log.follow('followed', { events() {}, lost() {} })
    await publish('a', 3)
    const before = await log.head('a')
    await publish('b', 1)
    expect(await log.head('a')).toMatchObject({ seq: 0 })
    expect((await log.head('a')).epoch).not.toBe(before.epoch)
    expect(await log.read('a', before, 10)).toBeNull()
    const followed = await log.head('followed')
    await publish('followed', 1)
    expect(await log.head('followed')).toMatchObject({ epoch: followed.epoch, seq: 1 })
    stop()
  })

  it('tells its followers each event once, until they stop', async () => {
    const { log, publish } = logged()
    await publish('a', 2)
    const seen: Stored[] = []
    const lost: Head[] = []
    const { head, stop } = await log.follow('a', {
      events: events => seen.push(...events),
      lost: to => lost.push(to),
    })
    expect(head.seq).toBe(2)
    await publish('a', 2)
    stop()
    await publish('a', 1)
    expect(seen.map(({ seq }) => seq)).toEqual([3, 4])
    expect(lost).toEqual([])
  })

  it('acknowledges nothing more when it remembers as many ids as it may, until some expire', async () => {
    const { log, clock } = logged({ maxKeys: 2 })
    await log.append('a', '1', { key: 'k1', dedupeMs: 1_000 })
    await log.keepReply('k2', '2', 1_000)
    await expect(log.append('a', '3', { key: 'k3', dedupeMs: 1_000 })).rejects.toThrow(LogUnavailable)
    await expect(log.keepReply('k3', '3', 1_000)).rejects.toThrow(/maxKeys/)
    // What is known is still known.
    expect(await log.append('a', '1', { key: 'k1', dedupeMs: 1_000 })).toMatchObject({ dup: true })
    await clock.advance(1_001)
    expect(await log.append('a', '3', { key: 'k3', dedupeMs: 1_000 })).toMatchObject({ seq: 2, dup: false })
  })

  it('keeps the first answer to a request while it is remembered, and no more of them than fit', async () => {
    const { log, clock } = logged({ maxBytes: 4_096 })
    expect(await log.keepReply('k', '"first"', 1_000)).toBe('"first"')
    expect(await log.keepReply('k', '"second"', 1_000)).toBe('"first"')
    await expect(log.keepReply('big', 'x'.repeat(2_000), 1_000)).rejects.toThrow(/maxBytes/)
    await clock.advance(1_001)
    expect(await log.replyTo('k')).toBeNull()
    expect(await log.keepReply('big', 'x'.repeat(1_800), 1_000)).toHaveLength(1_800)
  })

  it.each([
    [{ maxEvents: 0 }, /maxEvents/],
    [{ maxBytes: 10 }, /maxBytes/],
    [{ maxAgeMs: Number.NaN }, /maxAgeMs/],
    [{ maxTopics: -1 }, /maxTopics/],
    [{ maxKeys: 0 }, /maxKeys/],
  ])('refuses %o', (options, message) => {
    expect(() => memoryLog(options)).toThrow(message)
  })

  it('is dense and bounded whatever is appended when', async () => {
    const action = fc.record({ topic: fc.constantFrom('a', 'b', 'c'), size: fc.nat(300), after: fc.nat(400) })
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 80 }), async actions => {
        const { clock, log } = logged({ maxEvents: 8, maxBytes: 2_000, maxAgeMs: 1_000 })
        for (const { topic, size, after } of actions) {
          const before = await log.head(topic)
          await log.append(topic, 'x'.repeat(size))
          const { epoch, seq, oldest } = await log.head(topic)
          expect(seq).toBe(before.seq + 1)
          expect(oldest).toBeGreaterThanOrEqual(before.oldest)
          const all = await log.read(topic, { epoch, seq: oldest - 1 }, 100)
          expect(all?.map(stored => stored.seq)).toEqual(Array.from({ length: seq - oldest + 1 }, (_, n) => oldest + n))
          expect(all?.length).toBeLessThanOrEqual(8)
          if (oldest > 1) expect(await log.read(topic, { epoch, seq: oldest - 2 }, 100)).toBeNull()
          let bytes = 0
          for (const name of ['a', 'b', 'c']) {
            const head = await log.head(name)
            const kept = await log.read(name, { epoch: head.epoch, seq: head.oldest - 1 }, 100)
            bytes += (kept ?? []).reduce((sum, { body }) => sum + body.length, 0)
          }
          expect(bytes).toBeLessThanOrEqual(2_000)
          if (after > 300) await clock.advance(after)
        }
      }),
      { numRuns: 100, seed: Number(process.env.HOLDFAST_SEED ?? 20_251_125) },
    )
  })
})
