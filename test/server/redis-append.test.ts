import type { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Addition, Log } from '../../src/server/log.ts'
import { redisLog } from '../../src/server/redis-log.ts'
import { remembering } from './log-contract.ts'
import { type RedisServer, redisServer } from './redis-server.ts'

let server: RedisServer
let redis: Redis
let log: Log
let prefix: string
let prefixes = 0

beforeAll(async () => {
  server = await redisServer()
  redis = server.client()
})
afterAll(() => server.close())
afterEach(() => log.close())

function fresh(): Required<Log> {
  prefix = `p${++prefixes}`
  const made = redisLog({ redis, prefix })
  log = made
  const { appendAll } = made
  if (!appendAll) throw new Error('Expected it to append several at once.')
  return { ...made, appendAll }
}

const keyed = (key: string): Addition => ({ body: `"${key}"`, dedupe: { key, dedupeMs: 60_000 } })

describe('several events in one step', () => {
  it('are stored as one after the other would be, each key once', async () => {
    const { append, appendAll, follow, head } = fresh()
    const follower = remembering()
    const { epoch } = await append('chat', '1', keyed('|c-1').dedupe)
    await follow('chat', follower)
    const all = await appendAll('chat', [
      ...['|c-1', '|c-2', '|c-3', '|c-2'].map(keyed),
      { body: new Uint8Array([0, 255]) },
    ])
    expect(all).toEqual([
      { epoch, seq: 1, dup: true },
      { epoch, seq: 2, dup: false },
      { epoch, seq: 3, dup: false },
      { epoch, seq: 2, dup: true },
      { epoch, seq: 4, dup: false },
    ])
    expect(await head('chat')).toEqual({ epoch, seq: 4, oldest: 1 })
    await vi.waitFor(() => expect(follower.got).toHaveLength(3))
    expect(follower.got).toEqual([
      { epoch, seq: 2, key: '|c-2', body: '"|c-2"' },
      { epoch, seq: 3, key: '|c-3', body: '"|c-3"' },
      { epoch, seq: 4, body: new Uint8Array([0, 255]) },
    ])
  })

  it('are bounded and expire as others do', async () => {
    fresh()
    const small = redisLog({ redis, prefix, maxEvents: 3, maxAgeMs: 60_000 })
    try {
      await small.appendAll?.('a', ['1', '2', '3', '4', '5'].map(keyed))
      expect(await small.head('a')).toMatchObject({ seq: 5, oldest: 3 })
      for (const key of await redis.keys(`${prefix}:*`)) expect(await redis.pttl(key)).toBeGreaterThan(0)
    } finally {
      await small.close()
    }
  })

  it.each([
    ['text', () => redis.set(`${prefix}:{a}:id:3`, 'foreign')],
    ['a list', () => redis.lpush(`${prefix}:{a}:id:3`, 'foreign')],
  ])('end at one that cannot be stored, because its record is %s; the next step fails by it', async (_, spoil) => {
    const { append, appendAll, read } = fresh()
    const { epoch } = await append('a', '"0"')
    await spoil()
    expect(await appendAll('a', ['1', '2', '3', '4'].map(keyed))).toEqual([
      { epoch, seq: 2, dup: false },
      { epoch, seq: 3, dup: false },
    ])
    await expect(appendAll('a', ['3', '4'].map(keyed))).rejects.toMatchObject({ name: 'LogCorrupt' })
    expect((await append('a', '"5"')).seq).toBe(4)
    expect((await read('a', { epoch, seq: 0 }, 10))?.map(({ body }) => body)).toEqual(['"0"', '"1"', '"2"', '"5"'])
  })

  it('are of one epoch: where the stream is ahead, those before are told, and the next step begins anew', async () => {
    const { append, appendAll } = fresh()
    const { epoch } = await append('a', '"1"', keyed('1').dedupe)
    await redis.xadd(`${prefix}:{a}:events`, '9-0', 't', 'foreign')
    expect(await appendAll('a', ['1', '2'].map(keyed))).toEqual([{ epoch, seq: 1, dup: true }])
    const [next] = await appendAll('a', ['2', '3'].map(keyed))
    expect(next).toMatchObject({ seq: 1, dup: false })
    expect(next?.epoch).not.toBe(epoch)
  })
})
