// What an instance makes of a Redis that is not the one it was: emptied, restarted, or put back to yesterday.
import { setTimeout as after } from 'node:timers/promises'
import { describe, expect, it, type TestContext, vi } from 'vitest'
import type { Log, Stored } from '../../src/server/log.ts'
import { type RedisLogOptions, redisLog } from '../../src/server/redis-log.ts'
import { faultProxy } from '../faults/fault-proxy.ts'
import { endsWith } from '../faults/proxies/behind.ts'
import { freePort } from '../faults/proxies/running.ts'
import { remembering } from './log-contract.ts'
import { type RedisServer, redisServer } from './redis-server.ts'

vi.setConfig({ testTimeout: 15_000 })

/** Long enough for both instances to come back on a busy machine. */
const witnessMs = 1_500

/** A Redis, and instances of its log; all of it ends with the test. */
async function stage(test: TestContext, keeps: 'none' | 'everysec' | 'always', port = 0) {
  const kept = endsWith(test)
  const server = await kept(redisServer(keeps, { port }))
  const instance = (options: Partial<RedisLogOptions> = {}): Promise<Log> =>
    kept(redisLog({ redis: server.client(), witnessMs, ...options }))
  return { kept, server, instance, redis: server.client() }
}

/** Appends, and again until it is stored. */
async function append(log: Log, body: string, topic = 'a') {
  const key = `|c-${Math.random()}`
  return vi.waitFor(() => log.append(topic, body, { key, dedupeMs: 60_000 }), { timeout: 10_000, interval: 20 })
}

async function followed(log: Log, topic = 'a') {
  const follower = remembering()
  const { head } = await log.follow(topic, follower)
  return { ...follower, head }
}

const bodies = (events: readonly Stored[] | null): unknown => events?.map(({ body }) => body)
const restart = async (server: RedisServer, signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): Promise<void> => {
  await server.stop(signal)
  await server.start()
}

describe.concurrent('a topic begins a new epoch, and its followers are told', () => {
  it('when Redis is emptied, though nothing is appended', async test => {
    const { instance, redis } = await stage(test, 'none')
    const log = await instance()
    const { losses, head } = await followed(log)
    const { seq } = await append(log, '1')
    await redis.flushall()
    await vi.waitFor(() => expect(losses).toHaveLength(1), { timeout: 5_000 })
    expect(losses[0]).toMatchObject({ seq: 0, oldest: 1 })
    expect(losses[0]?.epoch).not.toBe(head.epoch)
    expect(await log.read('a', { epoch: head.epoch, seq }, 10)).toBeNull()
  })

  it('when Redis is emptied, before the next event', async test => {
    const { instance, redis } = await stage(test, 'none')
    const [one, two] = [await instance(), await instance()]
    const { losses, got, head } = await followed(one)
    await append(two, '1')
    await redis.flushall()
    const { epoch, seq } = await append(two, '2')
    expect(epoch).not.toBe(head.epoch)
    await vi.waitFor(() => expect(losses).toEqual([{ epoch, seq, oldest: 1 }]))
    await append(two, '3')
    await vi.waitFor(() => expect(bodies(got)).toEqual(['1', '3']))
    expect(losses).toHaveLength(1)
  })

  it('when Redis is restarted and had kept nothing', async test => {
    const { server, instance } = await stage(test, 'none')
    const [one, two] = [await instance(), await instance()]
    const [atOne, atTwo] = [await followed(one), await followed(two)]
    await append(one, '1')
    await vi.waitFor(() => expect([atOne.got, atTwo.got].map(bodies)).toEqual([['1'], ['1']]))
    await restart(server)
    const { epoch } = await append(one, '2')
    expect(epoch).not.toBe(atOne.head.epoch)
    for (const { losses } of [atOne, atTwo]) {
      await vi.waitFor(() => expect(losses).toHaveLength(1))
      expect(losses[0]?.epoch).toBe(epoch)
    }
  })

  it('when Redis is put back to an older copy, though who stored the rest is gone', async test => {
    const { server, instance, redis } = await stage(test, 'none')
    const [one, two] = [await instance(), await instance()]
    const { losses, got, head } = await followed(one)
    await append(two, '1')
    await redis.save()
    for (const body of ['2', '3']) await append(two, body)
    await vi.waitFor(() => expect(got).toHaveLength(3))
    await two.close()
    await restart(server)
    const { epoch } = await append(one, '4')
    expect(epoch).not.toBe(head.epoch)
    await vi.waitFor(() => expect(losses.map(each => each.epoch)).toEqual([epoch]))
  })

  it('when its only follower missed one of two restarts: it cannot speak for what came between', async test => {
    const port = await freePort()
    const { kept, server, instance } = await stage(test, 'everysec', port)
    const proxy = await kept(faultProxy({ targetPort: port }))
    const client = server.client().duplicate({ host: '127.0.0.1', port: proxy.port, lazyConnect: true })
    const far = await instance({ redis: client, witnessMs: 300 })
    const { head } = await followed(far)
    await append(far, '1')
    proxy.refuse()
    proxy.reset()
    await restart(server)
    const trusting = await instance({ trustRestarts: true })
    expect((await append(trusting, '2')).epoch).toBe(head.epoch)
    await trusting.close()
    await restart(server)
    await proxy.pass()
    expect((await append(far, '3')).epoch).not.toBe(head.epoch)
  })

  it('late, when an instance comes that knows of more than was kept, though the numbers have grown past that', async test => {
    const { server, instance, redis } = await stage(test, 'none')
    const [one, trusting] = [await instance(), await instance({ trustRestarts: true })]
    const first = await append(one, '1')
    await redis.save()
    await append(one, '2')
    await restart(server)
    for (const body of ['3', '4', '5']) expect((await append(trusting, body)).epoch).toBe(first.epoch)
    expect((await append(one, '6')).epoch).not.toBe(first.epoch)
  })

  it('when only what is known of it is evicted, or only part of the stream', async test => {
    const { instance, redis } = await stage(test, 'none')
    const log = await instance()
    const first = await append(log, '1')
    await redis.del('holdfast:{a}:topic')
    const second = await append(log, '2')
    expect(second).toMatchObject({ seq: 1, dup: false })
    expect(second.epoch).not.toBe(first.epoch)
    // The stream alone: it counts on, and what is gone is gone.
    await redis.del('holdfast:{a}:events')
    expect(await append(log, '3')).toEqual({ epoch: second.epoch, seq: 2, dup: false })
    expect(await log.read('a', { epoch: second.epoch, seq: 0 }, 10)).toBeNull()
    // What is known of it is behind the stream.
    await redis.hset('holdfast:{a}:topic', 'seq', '1')
    expect((await append(await instance(), '4')).epoch).not.toBe(second.epoch)
  })

  it('and a message that an earlier epoch had is stored again, because it is gone', async test => {
    const { instance, redis } = await stage(test, 'none')
    const log = await instance()
    const dedupe = { key: '|c-1', dedupeMs: 60_000 }
    await log.append('a', '1', dedupe)
    await redis.del('holdfast:{a}:topic')
    expect(await log.append('a', '1', dedupe)).toMatchObject({ seq: 1, dup: false })
    expect(await log.append('a', '1', dedupe)).toMatchObject({ seq: 1, dup: true })
  })

  it('when nobody who followed it is left to say that a restart lost nothing', async test => {
    const { server, instance } = await stage(test, 'always')
    const one = await instance()
    const { head } = await followed(one)
    await append(one, '1')
    await one.close()
    await restart(server)
    const began = performance.now()
    const { epoch, seq } = await append(await instance({ witnessMs: 300 }), '2')
    expect(performance.now() - began).toBeGreaterThan(250)
    expect(seq).toBe(1)
    expect(epoch).not.toBe(head.epoch)
  })
})

// On a busy disk, everysec holds writes back while it flushes: what a kill -9 then takes is lost, and is told.
describe.concurrent('a topic goes on in its epoch', () => {
  it.for(['SIGTERM', 'SIGKILL'] as const)('when Redis is restarted by %s and kept everything', async (signal, test) => {
    const { server, instance } = await stage(test, 'always')
    const [one, two] = [await instance(), await instance()]
    const [atOne, atTwo] = [await followed(one), await followed(two)]
    for (const body of ['1', '2']) await append(one, body)
    await vi.waitFor(() =>
      expect([atOne.got, atTwo.got].map(bodies)).toEqual([
        ['1', '2'],
        ['1', '2'],
      ]),
    )
    await restart(server, signal)
    for (const body of ['3', '4']) await append(two, body)
    await restart(server, signal)
    await append(one, '5')
    const all = ['1', '2', '3', '4', '5']
    await vi.waitFor(() => expect([atOne.got, atTwo.got].map(bodies)).toEqual([all, all]), { timeout: 5_000 })
    expect([...atOne.losses, ...atTwo.losses]).toEqual([])
    expect(bodies(await two.read('a', atOne.head, 10))).toEqual(all)
  })

  it('for a witness alone: an instance that does not follow it waits for one that does', async test => {
    const { server, instance } = await stage(test, 'always')
    const [one, stranger] = [await instance(), await instance()]
    const { head, losses } = await followed(one)
    await append(one, '1')
    await restart(server)
    expect(await append(stranger, '2')).toMatchObject({ epoch: head.epoch, seq: 2 })
    expect(losses).toEqual([])
  })

  it('when it is restarted once more before a witness came, since nothing happened in between', async test => {
    const { server, instance, redis } = await stage(test, 'always')
    const log = await instance()
    const { head, losses } = await followed(log)
    await append(log, '1')
    await server.stop('SIGKILL')
    await after(1_500)
    await server.start(['--maxmemory', '1'])
    await vi.waitFor(async () => expect(await redis.info('commandstats')).toContain('cmdstat_eval'), { timeout: 5_000 })
    await restart(server)
    expect(await append(log, '2')).toMatchObject({ epoch: head.epoch, seq: 2 })
    expect(losses).toEqual([])
  })

  it('though its last follower has just left', async test => {
    const { server, instance } = await stage(test, 'always')
    const log = await instance()
    const { head, stop } = await log.follow('a', remembering())
    await append(log, '1')
    stop()
    await restart(server)
    expect(await append(log, '2')).toMatchObject({ epoch: head.epoch, seq: 2 })
  })

  it('without a witness where restarts are trusted', async test => {
    const { server, instance } = await stage(test, 'always')
    const before = await instance()
    const { epoch } = await append(before, '1')
    await before.close()
    await restart(server)
    expect(await append(await instance({ trustRestarts: true }), '2')).toEqual({ epoch, seq: 2, dup: false })
  })

  it('where restarts are trusted, but not when it knows of more than was kept', async test => {
    const { server, instance, redis } = await stage(test, 'none')
    const log = await instance({ trustRestarts: true })
    const first = await append(log, '1')
    await redis.save()
    await append(log, '2')
    await restart(server)
    expect((await append(log, '3')).epoch).not.toBe(first.epoch)
  })
})
