// What every log promises a server, whatever it is made of.
import { describe, expect, it, vi } from 'vitest'
import type { Follower, Head, Log, Stored } from '../../src/server/log.ts'

/** A kind of log to put to the test. */
export interface LogUnderTest {
  /** A log of its own: nobody else has written there. Keeps `maxEvents` per topic. */
  fresh(options?: { readonly maxEvents?: number }): Log
  /** Lets so many ms pass for it. */
  pass(ms: number): Promise<void>
}

/** A follower that remembers. */
export function remembering(): Follower & { readonly got: Stored[]; readonly losses: Head[] } {
  const got: Stored[] = []
  const losses: Head[] = []
  return { got, losses, events: events => got.push(...events), lost: head => losses.push(head) }
}

const bodies = (events: readonly Stored[] | null): unknown => events?.map(({ body }) => body)
const numbers = (events: readonly Stored[] | null): unknown => events?.map(({ seq }) => seq)
const minute = 60_000

export function logContract(name: string, subject: () => LogUnderTest): void {
  const fresh = (options?: { readonly maxEvents?: number }): Log => subject().fresh(options)

  async function filled(log: Log, topic: string, count: number): Promise<string> {
    for (let each = 1; each <= count; each += 1) await log.append(topic, `${each}`)
    return (await log.head(topic)).epoch
  }

  describe(`${name}: a topic`, () => {
    it('begins at 0, in an epoch that stays', async () => {
      const log = fresh()
      const { epoch, seq, oldest } = await log.head('orders')
      expect([seq, oldest]).toEqual([0, 1])
      expect(epoch).not.toBe('')
      expect((await log.append('orders', '1')).epoch).toBe(epoch)
      expect(await log.head('orders')).toEqual({ epoch, seq: 1, oldest: 1 })
    })

    it('counts its events by one, apart from other topics', async () => {
      const log = fresh()
      const seqs: number[] = []
      for (const topic of ['a', 'b', 'a', 'a', 'b']) seqs.push((await log.append(topic, '0')).seq)
      expect(seqs).toEqual([1, 1, 2, 3, 2])
    })

    it.each(['a', 'a:b', '{a}', '}', '{}', 'a}{b', '%7Ba%7D', 'ä 字 \u{1F600}', '__proto__', '*', 'x'.repeat(256)])(
      'may be named %s',
      async topic => {
        const log = fresh()
        const { epoch } = await log.append(topic, '"it"', { key: '|c-1', dedupeMs: minute })
        await log.append(`${topic}.`, '"another"')
        expect(bodies(await log.read(topic, { epoch, seq: 0 }, 10))).toEqual(['"it"'])
        expect((await log.append(topic, '"it"', { key: '|c-1', dedupeMs: minute })).dup).toBe(true)
      },
    )

    it('keeps text as text and bytes as bytes', async () => {
      const log = fresh()
      const all = ['', '{"a":"ä\\n"}', 'a\nb\u0000 \u{1F600}', new Uint8Array([0, 10, 13, 255, 128]), new Uint8Array()]
      for (const body of all) await log.append('mixed', body)
      const { epoch } = await log.head('mixed')
      expect(bodies(await log.read('mixed', { epoch, seq: 0 }, 10))).toEqual(all)
    })

    it('keeps so many events, and says which is the oldest', async () => {
      const log = fresh({ maxEvents: 5 })
      const epoch = await filled(log, 'short', 12)
      expect(await log.head('short')).toEqual({ epoch, seq: 12, oldest: 8 })
      expect(numbers(await log.read('short', { epoch, seq: 7 }, 10))).toEqual([8, 9, 10, 11, 12])
      expect(await log.read('short', { epoch, seq: 6 }, 10)).toBeNull()
    })
  })

  describe(`${name}: a key`, () => {
    it('is stored once, and a second time it is told where it stands', async () => {
      const log = fresh()
      const dedupe = { key: 'ann|c1-7', dedupeMs: minute }
      const first = await log.append('chat', '"hi"', dedupe)
      await log.append('chat', '"else"')
      expect(await log.append('chat', '"hi"', dedupe)).toEqual({ ...first, dup: true })
      expect((await log.read('chat', { epoch: first.epoch, seq: 0 }, 10))?.map(({ key }) => key)).toEqual([
        'ann|c1-7',
        undefined,
      ])
    })

    it('is stored once when it comes many times at once', async () => {
      const log = fresh()
      const dedupe = { key: '|c-1', dedupeMs: minute }
      const all = await Promise.all(Array.from({ length: 20 }, () => log.append('chat', '"hi"', dedupe)))
      expect(all.filter(({ dup }) => !dup)).toHaveLength(1)
      expect(new Set(all.map(({ seq }) => seq))).toEqual(new Set([1]))
      expect((await log.head('chat')).seq).toBe(1)
    })

    it('counts on its own topic alone', async () => {
      const log = fresh()
      const dedupe = { key: '|c-1', dedupeMs: minute }
      await log.append('one', '1', dedupe)
      expect((await log.append('two', '1', dedupe)).dup).toBe(false)
    })

    it('is forgotten after its time', async () => {
      const log = fresh()
      const dedupe = { key: '|c-1', dedupeMs: 30 }
      await log.append('chat', '1', dedupe)
      await subject().pass(40)
      expect(await log.append('chat', '1', dedupe)).toMatchObject({ seq: 2, dup: false })
    })
  })

  describe(`${name}: a read`, () => {
    it('gives what comes after a position, oldest first, and no more than is asked for', async () => {
      const log = fresh()
      const epoch = await filled(log, 'a', 6)
      expect(numbers(await log.read('a', { epoch, seq: 2 }, 3))).toEqual([3, 4, 5])
      expect(numbers(await log.read('a', { epoch, seq: 5 }, 3))).toEqual([6])
      expect(await log.read('a', { epoch, seq: 6 }, 3)).toEqual([])
      expect((await log.read('a', { epoch, seq: 0 }, 1))?.[0]).toMatchObject({ epoch, seq: 1, body: '1' })
    })

    it('of another epoch gives nothing', async () => {
      const log = fresh()
      await filled(log, 'a', 3)
      expect(await log.read('a', { epoch: 'another', seq: 1 }, 3)).toBeNull()
    })
  })

  describe(`${name}: a follower`, () => {
    it('gets what is stored from then on, each once, in order', async () => {
      const log = fresh()
      const epoch = await filled(log, 'a', 3)
      const follower = remembering()
      const { head } = await log.follow('a', follower)
      expect(head).toEqual({ epoch, seq: 3, oldest: 1 })
      await filled(log, 'a', 5)
      await log.append('b', '"not this"')
      await vi.waitFor(() => expect(numbers(follower.got)).toEqual([4, 5, 6, 7, 8]))
      expect(follower.losses).toEqual([])
    })

    it('gets all of them while others are appending', async () => {
      const log = fresh()
      const busy = Promise.all(Array.from({ length: 50 }, (_, each) => log.append('a', `${each}`)))
      const follower = remembering()
      const { head } = await log.follow('a', follower)
      await busy
      const expected = Array.from({ length: 50 - head.seq }, (_, each) => head.seq + 1 + each)
      await vi.waitFor(() => expect(numbers(follower.got)).toEqual(expected))
    })

    it('gets no event for a key that was stored before', async () => {
      const log = fresh()
      const follower = remembering()
      await log.follow('a', follower)
      for (const key of ['|c-1', '|c-1', '|c-2']) await log.append('a', '1', { key, dedupeMs: minute })
      await vi.waitFor(() => expect(follower.got.map(({ key }) => key)).toEqual(['|c-1', '|c-2']))
    })

    it('that comes later begins later, and one that stops gets nothing more', async () => {
      const log = fresh()
      const [early, late] = [remembering(), remembering()]
      const { stop } = await log.follow('a', early)
      await log.append('a', '1')
      await vi.waitFor(() => expect(early.got).toHaveLength(1))
      expect((await log.follow('a', late)).head.seq).toBe(1)
      stop()
      stop()
      await log.append('a', '2')
      await vi.waitFor(() => expect(numbers(late.got)).toEqual([2]))
      expect(numbers(early.got)).toEqual([1])
    })
  })

  describe(`${name}: an answer`, () => {
    it('is kept as it was first given, for its time', async () => {
      const log = fresh()
      expect(await log.replyTo('|c-1')).toBeNull()
      expect(await log.keepReply('|c-1', '{"a":"ä"}', minute)).toBe('{"a":"ä"}')
      expect(await log.keepReply('|c-1', '"another"', minute)).toBe('{"a":"ä"}')
      expect(await log.replyTo('|c-1')).toBe('{"a":"ä"}')
      await log.keepReply('|c-2', '', 30)
      expect(await log.replyTo('|c-2')).toBe('')
      await subject().pass(40)
      expect(await log.replyTo('|c-2')).toBeNull()
    })
  })
}
