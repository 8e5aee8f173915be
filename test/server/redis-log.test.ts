import { setTimeout as after } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Log, LogUnavailable } from '../../src/server/log.ts'
import { type RedisLogOptions, redisLog } from '../../src/server/redis-log.ts'
import { logContract, remembering } from './log-contract.ts'
import { type RedisServer, redisServer } from './redis-server.ts'

let server: RedisServer
let redis: Redis
let prefixes = 0
const logs: Log[] = []

beforeAll(async () => {
  server = await redisServer()
  redis = server.client()
})
afterAll(() => server.close())
afterEach(async () => {
  await Promise.all(logs.splice(0).map(log => log.close()))
})

function log(prefix: string, options: Partial<RedisLogOptions> = {}): Log {
  const one = redisLog({ redis, prefix, ...options })
  logs.push(one)
  return one
}

/** A name that nobody else has. */
function unused(): string {
  prefixes += 1
  return `p${prefixes}`
}

logContract('Redis', () => ({ fresh: options => log(unused(), options), pass: ms => after(ms) }))

describe('two instances', () => {
  it('share one log: what one appends, the other delivers, resumes and knows as stored', async () => {
    const prefix = unused()
    const [one, two] = [log(prefix), log(prefix)]
    const follower = remembering()
    const { head } = await two.follow('a', follower)
    const dedupe = { key: '|c-1', dedupeMs: 1_000 }
    const first = await one.append('a', '1', dedupe)
    expect(await two.append('a', '1', dedupe)).toEqual({ ...first, dup: true })
    await one.append('a', new Uint8Array([0, 255]))
    await vi.waitFor(() => expect(follower.got).toHaveLength(2))
    expect(await two.read('a', head, 10)).toEqual(follower.got)
    await one.keepReply('|c-2', '"yes"', 1_000)
    expect(await two.replyTo('|c-2')).toBe('"yes"')
  })

  it('that append at once number their events without a double or a hole', async () => {
    const prefix = unused()
    const both = [log(prefix), log(prefix)]
    const followers = await Promise.all(
      both.map(async each => {
        const follower = remembering()
        await each.follow('a', follower)
        return follower
      }),
    )
    await Promise.all(both.flatMap(each => Array.from({ length: 200 }, () => each.append('a', '1'))))
    const dense = Array.from({ length: 400 }, (_, each) => each + 1)
    await vi.waitFor(() => expect(followers.map(({ got }) => got.map(({ seq }) => seq))).toEqual([dense, dense]))
  })
})

describe('what is kept in Redis', () => {
  it('is bounded in time, every key of it', async () => {
    const prefix = unused()
    const one = log(prefix)
    await one.append('a', '1', { key: '|c-1', dedupeMs: 1_000 })
    await one.keepReply('|c-2', '"yes"', 1_000)
    await one.head('only looked at')
    const keys = await redis.keys(`${prefix}:*`)
    expect(keys).toHaveLength(5)
    for (const key of keys) expect(await redis.pttl(key), key).toBeGreaterThan(0)
  })

  it('goes at its age, though the topic stays in use, and the topic counts on', async () => {
    const one = log(unused(), { maxAgeMs: 1_000 })
    const { epoch } = await one.append('a', '1')
    await vi.waitFor(
      async () => {
        await one.append('a', 'more')
        const { seq, oldest } = await one.head('a')
        expect(oldest).toBeGreaterThan(1)
        expect(seq).toBeGreaterThanOrEqual(oldest)
      },
      { timeout: 3_000, interval: 50 },
    )
    expect(await one.read('a', { epoch, seq: 0 }, 10)).toBeNull()
    expect((await one.head('a')).epoch).toBe(epoch)
  })

  it('goes as a whole when the topic is idle, and the topic counts on', async () => {
    const prefix = unused()
    const one = log(prefix, { maxAgeMs: 1_000 })
    const { epoch } = await one.append('a', '1')
    await redis.pexpire(`${prefix}:{a}:events`, 1)
    await vi.waitFor(async () => expect(await one.head('a')).toEqual({ epoch, seq: 1, oldest: 2 }))
    expect((await one.append('a', '2')).seq).toBe(2)
  })

  it('has the prefix of the client before its own', async () => {
    const prefix = unused()
    const one = redisLog({ redis: redis.duplicate({ keyPrefix: `${prefix}/`, lazyConnect: true }) })
    logs.push(one)
    const follower = remembering()
    await one.follow('a', follower)
    await one.append('a', '1')
    expect((await redis.keys(`${prefix}/*`)).sort()).toEqual([
      `${prefix}/holdfast:{a}:events`,
      `${prefix}/holdfast:{a}:topic`,
    ])
    await vi.waitFor(() => expect(follower.got).toHaveLength(1))
  })

  it('does not need the scripts to be there', async () => {
    const one = log(unused())
    await one.append('a', '1')
    await redis.script('FLUSH')
    const all = await Promise.all(['2', '3'].map(body => one.append('a', body)))
    expect(all.map(({ seq }) => seq)).toEqual([2, 3])
  })
})

describe('a foreign value in Redis', () => {
  const corrupt = {
    name: 'LogCorrupt',
    message: expect.stringMatching(/^Expected Redis to hold a log, but .+`prefix`/),
  }

  it.each([
    ['the topic is text', (prefix: string) => redis.set(`${prefix}:{a}:topic`, 'x')],
    ['the topic has a number that is none', (prefix: string) => redis.hset(`${prefix}:{a}:topic`, 'seq', 'x')],
    ['the topic has lives that are none', (prefix: string) => redis.hset(`${prefix}:{a}:topic`, 'runs', 'x')],
    [
      'the stream is a list',
      async (prefix: string) => {
        await redis.del(`${prefix}:{a}:events`)
        await redis.lpush(`${prefix}:{a}:events`, 'x')
      },
    ],
    ['the record of a key is a list', (prefix: string) => redis.lpush(`${prefix}:{a}:id:|c-1`, 'x')],
    ['the record of a key is foreign', (prefix: string) => redis.set(`${prefix}:{a}:id:|c-1`, 'x')],
  ])('is an error with a way out, and no outage: %s', async (_, spoil) => {
    const prefix = unused()
    const one = log(prefix)
    await one.append('a', '1')
    const told: boolean[] = []
    one.onAvailable(available => told.push(available))
    await spoil(prefix)
    const failed = await one.append('a', '1', { key: '|c-1', dedupeMs: 1_000 }).catch(error => error)
    expect(failed).toBeInstanceOf(LogUnavailable)
    expect(failed).toMatchObject(corrupt)
    expect(told).toEqual([])
    expect((await one.append('b', '1')).seq).toBe(1)
  })

  it('under the name of a stream is not deleted', async () => {
    const prefix = unused()
    await redis.set(`${prefix}:{a}:events`, 'precious')
    await expect(log(prefix).append('a', '1')).rejects.toMatchObject(corrupt)
    expect(await redis.get(`${prefix}:{a}:events`)).toBe('precious')
  })

  it.each([
    ['an event without a body', ['x', '1'], '2-0'],
    ['an event of a kind that is none', ['z', '1'], '2-0'],
    ['an event with an id that is none of ours', ['t', '1'], '2-1'],
  ])('in the stream is an error for whoever reads it: %s', async (_, fields, id) => {
    const prefix = unused()
    const one = log(prefix)
    const { epoch } = await one.append('a', '1')
    await redis.xadd(`${prefix}:{a}:events`, id, ...fields)
    await expect(one.read('a', { epoch, seq: 0 }, 10)).rejects.toMatchObject(corrupt)
  })

  it('that is missing in the middle is an error, and not a hole', async () => {
    const prefix = unused()
    const one = log(prefix)
    const { epoch } = await one.append('a', '1')
    await one.append('a', '2')
    await one.append('a', '3')
    await redis.xdel(`${prefix}:{a}:events`, '2-0')
    await expect(one.read('a', { epoch, seq: 0 }, 10)).rejects.toMatchObject(corrupt)
  })

  it('that nobody published as an event disturbs no follower', async () => {
    const prefix = unused()
    const one = log(prefix)
    const follower = remembering()
    await one.follow('a', follower)
    for (const message of ['', '\n', 'x', 'x y 1 t 0\n', `x ${'9'.repeat(400)} 1 t 9\nq`]) {
      await redis.publish(`${prefix}:{a}:events`, message)
    }
    await one.append('a', '1')
    await vi.waitFor(() => expect(follower.got.map(({ body }) => body)).toEqual(['1']))
    expect(follower.losses).toEqual([])
  })

  it('in a topic that is followed is told once, and not looked at in a spin', async () => {
    const prefix = unused()
    const onProblem = vi.fn()
    const one = log(prefix, { onProblem })
    const follower = remembering()
    await one.follow('a', follower)
    await redis.set(`${prefix}:{a}:topic`, 'x')
    await redis.config('RESETSTAT')
    await vi.waitFor(() => expect(onProblem).toHaveBeenCalled(), { timeout: 4_000 })
    expect(onProblem.mock.calls).toEqual([[expect.objectContaining(corrupt)]])
    expect(Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1])).toBeLessThan(5)
    await redis.del(`${prefix}:{a}:topic`)
    await vi.waitFor(() => expect(follower.losses).toHaveLength(1), { timeout: 4_000 })
    expect(onProblem).toHaveBeenCalledTimes(1)
  })
})

describe('a follower', () => {
  it('that throws is reported, and harms no other', async () => {
    const onProblem = vi.fn()
    const one = log(unused(), { onProblem })
    const angry = new Error('angry')
    const follower = remembering()
    const throws = (): never => {
      throw angry
    }
    await one.follow('a', { events: throws, lost: throws })
    await one.follow('a', follower)
    await one.append('a', '1')
    await one.append('a', '2')
    await vi.waitFor(() => expect(follower.got).toHaveLength(2))
    expect(onProblem.mock.calls).toEqual([[angry], [angry]])
  })
})

describe('a log that is closed', () => {
  it('leaves no connection, and refuses what comes', async () => {
    const before = (await redis.client('LIST')) as string
    const one = redisLog({ redis, prefix: unused() })
    await one.follow('a', remembering())
    await one.append('a', '1')
    await one.close()
    await one.close()
    await expect(one.append('a', '1')).rejects.toThrow(new LogUnavailable('The log is closed.'))
    await expect(one.follow('a', remembering())).rejects.toThrow(new LogUnavailable('The log is closed.'))
    const connections = (list: string): number => list.trim().split('\n').length
    await vi.waitFor(async () =>
      expect(connections((await redis.client('LIST')) as string)).toBeLessThanOrEqual(connections(before)),
    )
    expect(redis.status).toBe('ready')
  })
})

describe('an option', () => {
  it.each([
    [{ maxEvents: 0 }, 'Expected `maxEvents` to be a whole number of at least 1, got 0.'],
    [{ maxAgeMs: 1.5 }, 'Expected `maxAgeMs` to be a whole number of at least 1000, got 1.5.'],
    [{ deadlineMs: Number.NaN }, 'Expected `deadlineMs` to be a whole number of at least 100, got NaN.'],
    [{ forgetAfterMs: 1_000 }, 'Expected `forgetAfterMs` to be a whole number of at least 86400000, got 1000.'],
    [{ prefix: 'a{b' }, 'Expected `prefix` to be text without braces: they choose the node of a cluster.'],
  ])('that cannot be is refused: %j', (options, message) => {
    expect(() => redisLog({ redis, ...options })).toThrow(message)
  })

  it('`redis` that is none is refused, without being shown', () => {
    expect(() => Reflect.apply(redisLog, null, [{ redis: 'redis://:secret@host' }])).toThrow(
      /^Expected `redis` to be a client of `ioredis`: `new Redis\(url\)` or `new Redis\.Cluster\(nodes\)`\.$/,
    )
  })
})
