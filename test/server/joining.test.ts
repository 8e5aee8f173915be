/** Replay and live, whatever the order in which the log answers: no hole, no double, nothing beyond the credit. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Log, LogUnavailable, memoryLog } from '../../src/server/index.ts'
import { type Frame, hello } from './raw-client.ts'
import { endpoint, type Wired } from './wired.ts'

const TOPICS = ['a', 'b']
const UNACKED = 16

type Step =
  | { readonly type: 'publish'; readonly topic: string; readonly count: number }
  | { readonly type: 'ack'; readonly topic: string; readonly share: number }
  | { readonly type: 'forget'; readonly topic: string }
  | { readonly type: 'unsub' | 'sub'; readonly topic: string }
  | { readonly type: 'reconnect' | 'buffer' | 'settle' | 'outage' | 'epoch' }
  | { readonly type: 'release'; readonly count: number }

const topic = fc.constantFrom(...TOPICS)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('publish'), topic, count: fc.integer({ min: 1, max: 30 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('ack'), topic, share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
  { weight: 8, arbitrary: fc.record({ type: fc.constant('release'), count: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('unsub', 'sub'), topic }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('reconnect', 'buffer', 'settle', 'outage', 'epoch') }) },
)

/** Long ones: what is interesting begins when the credit is used up. */
const stories = fc.array(step, { minLength: 10, maxLength: 60, size: 'max' })

/** A log whose answers wait until they are let through, in any order; and which can be away, or lose everything. */
function slowLog(): {
  readonly log: Log
  release(count: number, pick: (size: number) => number): void
  readonly waiting: number
  away: boolean
  lose(): void
} {
  const made = (): Log => memoryLog({ maxEvents: 20 })
  let inner = made()
  const waiting: (() => void)[] = []
  const followers = new Map<string, Set<Parameters<Log['follow']>[1]>>()
  const slow = async <T>(answer: () => Promise<T>): Promise<T> => {
    // What is read is decided now or when the answer is let through: both happen.
    await new Promise<void>(resolve => waiting.push(resolve))
    if (world.away) throw new LogUnavailable('away')
    const value = await answer()
    await new Promise<void>(resolve => waiting.push(resolve))
    return value
  }
  const world = {
    away: false,
    log: {
      append: (...args) => inner.append(...args),
      head: name => slow(() => inner.head(name)),
      read: (...args) => slow(() => inner.read(...args)),
      follow: (name, follower) =>
        slow(async () => {
          const set = followers.get(name) ?? new Set()
          followers.set(name, set.add(follower))
          const { head, stop } = await inner.follow(name, follower)
          return {
            head,
            stop() {
              set.delete(follower)
              stop()
            },
          }
        }),
      keepReply: (...args) => inner.keepReply(...args),
      replyTo: key => inner.replyTo(key),
      onAvailable: () => () => {},
      close: () => inner.close(),
    } satisfies Log,
    get waiting() {
      return waiting.length
    },
    release(count: number, pick: (size: number) => number) {
      for (let n = 0; n < count && waiting.length; n++) waiting.splice(pick(waiting.length), 1)[0]?.()
    },
    lose() {
      const before = [...followers]
      inner = made()
      for (const [name, set] of before) {
        for (const follower of set) {
          void inner.follow(name, follower)
          void inner.head(name).then(head => follower.lost(head))
        }
      }
    },
  }
  return world
}

/** What the protocol says of the frames of one topic on one connection. Moves the cursor as a client does. */
class Reader {
  epoch: string | undefined
  seq = 0
  /** `subbed` said that a gap follows. */
  #expecting = false

  read(frame: Frame): void {
    if (frame.t === 'subbed') this.#subbed(String(frame.epoch), Number(frame.seq), frame.recovered === true)
    else if (frame.t === 'gap') {
      expect(frame.reason === 'expired' ? frame.from : undefined, 'what a gap begins with').toBe(frame.from)
      if (frame.from !== undefined) expect(frame.from).toBe(this.seq + 1)
      this.#expecting = false
      this.seq = Number(frame.to)
    } else if (frame.t === 'event') {
      expect(this.#expecting, 'an event before its gap').toBe(false)
      expect([frame.epoch, frame.seq]).toEqual([this.epoch, this.seq + 1])
      // The data says what it is.
      expect(frame.data).toBe(`${frame.topic}${frame.seq}`)
      this.seq = Number(frame.seq)
    }
  }

  #subbed(epoch: string, seq: number, recovered: boolean): void {
    if (this.epoch === undefined) this.seq = seq
    else if (recovered) expect(epoch).toBe(this.epoch)
    this.epoch = epoch
    this.#expecting = !recovered
  }
}

describe('replay and live', () => {
  it('join without a hole and without a double, in whatever order the log answers', async () => {
    await fc.assert(
      fc.asyncProperty(stories, fc.boolean(), fc.infiniteStream(fc.nat()), async (steps, warm, picks) => {
        const pick = (size: number): number => Number(picks.next().value) % size
        const world = slowLog()
        const { connect, clock, settle } = endpoint({ log: world.log, limits: { unacked: UNACKED } })
        const readers = new Map(TOPICS.map(name => [name, new Reader()]))
        const published = new Map<string, number>()
        let wired: Wired = connect()
        let seen = 0
        let onTheWay = new Map<string, readonly number[]>()

        const readerOf = (name: unknown): Reader => {
          const reader = readers.get(String(name))
          if (!reader) throw new Error(`no topic ${name}`)
          return reader
        }
        const look = (): void => {
          for (; seen < wired.wire.frames.length; seen++) {
            const frame = wired.wire.frames[seen] ?? {}
            if (frame.topic === undefined) continue
            readerOf(frame.topic).read(frame)
            if (frame.t === 'event') {
              const name = String(frame.topic)
              onTheWay.set(name, [...(onTheWay.get(name) ?? []), Number(frame.seq)])
            }
          }
          const sum = [...onTheWay.values()].reduce((count, list) => count + list.length, 0)
          expect(sum, 'more on their way than may be').toBeLessThanOrEqual(UNACKED)
        }
        const request = (name: string): object => {
          const { epoch, seq } = readerOf(name)
          return epoch === undefined ? { topic: name } : { topic: name, epoch, seq }
        }
        const dial = (): void => {
          wired = connect()
          seen = 0
          onTheWay = new Map(TOPICS.map(name => [name, []]))
          wired.send(hello({ topics: TOPICS.map(request) }))
        }
        /** In the order in which they came: numbers of two epochs may be among them. */
        const ack = (name: string, count: number): void => {
          const list = onTheWay.get(name) ?? []
          onTheWay.set(name, list.slice(count))
          wired.send({ t: 'ack', topic: name, seq: list[count - 1] })
        }
        const quiet = async (): Promise<void> => {
          for (let rounds = 0; rounds < 2_000; rounds++) {
            await settle()
            look()
            if (!world.waiting) return
            world.release(1, pick)
          }
          throw new Error('it never rests')
        }

        dial()
        // Half of the stories begin where everything is subscribed already.
        if (warm) await quiet()
        for (const each of steps) {
          if (each.type === 'publish') {
            for (let n = 0; n < each.count; n++) {
              const seq = (published.get(each.topic) ?? 0) + 1
              published.set(each.topic, seq)
              await world.log.append(each.topic, JSON.stringify(`${each.topic}${seq}`))
            }
          } else if (each.type === 'ack') {
            const { length } = onTheWay.get(each.topic) ?? []
            if (length) ack(each.topic, 1 + Math.floor(each.share * (length - 1)))
          } else if (each.type === 'release') {
            for (let n = 0; n < each.count; n++) {
              world.release(1, pick)
              await settle()
            }
          } else if (each.type === 'unsub') {
            // What was on its way then is dropped by a client; here nothing is.
            await quiet()
            wired.send({ t: 'unsub', topic: each.topic })
            onTheWay.set(each.topic, [])
          } else if (each.type === 'sub') {
            await quiet()
            wired.send({ t: 'sub', ...request(each.topic) })
          } else if (each.type === 'buffer') {
            wired.wire.buffered = wired.wire.buffered ? 0 : 2_000_000
            wired.connection.flushed()
          } else if (each.type === 'reconnect') {
            look()
            wired.connection.lost(1006, '', 'network')
            dial()
          } else if (each.type === 'outage') world.away = !world.away
          else if (each.type === 'epoch') {
            world.lose()
            published.clear()
          } else await quiet()
          look()
        }

        // The weather clears, and everything that is acknowledged makes room for more.
        world.away = false
        wired.wire.buffered = 0
        wired.connection.flushed()
        await quiet()
        for (const name of TOPICS) wired.send({ t: 'sub', ...request(name) })
        const everything = (): boolean => TOPICS.every(name => readerOf(name).seq === (published.get(name) ?? 0))
        for (let rounds = 0; rounds < 20 && !(rounds > 1 && everything()); rounds++) {
          await quiet()
          for (const [name, list] of onTheWay) if (list.length) ack(name, list.length)
          await clock.advance(1_000)
        }
        await quiet()
        for (const name of TOPICS) expect([name, readerOf(name).seq]).toEqual([name, published.get(name) ?? 0])
        wired.connection.lost(1006, '', 'network')
        expect(clock.timers).toBeLessThanOrEqual(1)
      }),
      { numRuns: 100, seed: Number(process.env.HOLDFAST_SEED ?? 20_251_125) },
    )
  }, 20_000)
})
