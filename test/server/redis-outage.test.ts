// What an instance does while Redis cannot be reached, or takes nothing.
import { setImmediate as immediate } from 'node:timers/promises'
import { Cluster, type Redis } from 'ioredis'
import { describe, expect, it, type TestContext, vi } from 'vitest'
import { type Log, LogUnavailable } from '../../src/server/log.ts'
import { type RedisLogOptions, redisLog } from '../../src/server/redis-log.ts'
import { faultProxy } from '../faults/fault-proxy.ts'
import { endsWith } from '../faults/proxies/behind.ts'
import { freePort } from '../faults/proxies/running.ts'
import { remembering } from './log-contract.ts'
import { redisServer } from './redis-server.ts'

vi.setConfig({ testTimeout: 15_000 })

/** A Redis, instances of its log, and a bad line to it; all of it ends with the test. */
async function stage(test: TestContext, keeps: 'none' | 'everysec' = 'none', port = 0, more: readonly string[] = []) {
  const kept = endsWith(test)
  const server = await kept(redisServer(keeps, { port, more }))
  async function instance(options: Partial<RedisLogOptions> = {}) {
    const log = await kept(redisLog({ redis: server.client(), deadlineMs: 10_000, ...options }))
    const told: boolean[] = []
    log.onAvailable(available => told.push(available))
    return { log, told }
  }
  return { kept, server, instance, redis: server.client() }
}

async function throughProxy(test: TestContext) {
  const port = await freePort()
  const { kept, server, instance } = await stage(test, 'none', port)
  const proxy = await kept(faultProxy({ targetPort: port }))
  const client = server.client().duplicate({ host: '127.0.0.1', port: proxy.port, lazyConnect: true })
  return { proxy, instance, far: (options: Partial<RedisLogOptions> = {}) => instance({ redis: client, ...options }) }
}

let ids = 0
function keyed(log: Log, body = '1') {
  ids += 1
  return log.append('a', body, { key: `|c-${ids}`, dedupeMs: 60_000 })
}

async function refusedWithin(ms: number, what: Promise<unknown>): Promise<LogUnavailable> {
  const began = performance.now()
  const error = await what.then(
    () => null,
    failure => failure,
  )
  expect(error).toBeInstanceOf(LogUnavailable)
  expect(performance.now() - began).toBeLessThan(ms)
  return error
}

async function connectionsTo(redis: Redis): Promise<number> {
  return Number(/total_connections_received:(\d+)/.exec(await redis.info('stats'))?.[1])
}

const available = (told: readonly boolean[], expected: boolean): Promise<void> =>
  vi.waitFor(() => expect(told.at(-1)).toBe(expected), patient)

/** Machines that do much beside are slow. */
const patient = { timeout: 8_000 }

describe.concurrent('while Redis is away', () => {
  it('nothing is acknowledged, all that is asked fails in time, and it comes back by itself', async test => {
    const { server, instance } = await stage(test, 'everysec')
    const { log, told } = await instance()
    const follower = remembering()
    const { head } = await log.follow('a', follower)
    await keyed(log, 'before')
    await server.stop('SIGKILL')
    const error = await refusedWithin(5_000, keyed(log, 'during'))
    expect(error.message).toMatch(/^Redis stores nothing now: the connection was lost\. Nothing was acknowledged/)
    expect(told).toEqual([false])
    const others = [log.head('a'), log.read('a', head, 1), log.follow('b', follower), log.keepReply('k', 'v', 1)]
    await Promise.all(others.map(what => refusedWithin(5_000, what)))
    // Known to be away: nobody waits, not even for a timer.
    const many = Promise.allSettled(Array.from({ length: 1_000 }, () => keyed(log, 'during')))
    const settled = await Promise.race([many, immediate(null)])
    expect(new Set(settled?.map(({ status }) => status))).toEqual(new Set(['rejected']))
    const late: boolean[] = []
    log.onAvailable(each => late.push(each))
    expect(late).toEqual([false])
    await server.start()
    await available(told, true)
    expect(late).toEqual([false, true])
    await keyed(log, 'after')
    await vi.waitFor(() => expect(follower.got.map(({ body }) => body)).toEqual(['before', 'after']), patient)
    expect(told).toEqual([false, true])
  })

  it('from the beginning, it says so, and begins when Redis does', async test => {
    const { server, instance } = await stage(test)
    await server.stop('SIGKILL')
    const { log, told } = await instance({ deadlineMs: 1_000 })
    await refusedWithin(5_000, keyed(log))
    await available(told, false)
    await server.start()
    await available(told, true)
    expect((await keyed(log)).seq).toBe(1)
  })

  it('for a moment, a message with a key is stored all the same, once, and nobody is told', async test => {
    const { instance, redis } = await stage(test)
    const { log, told } = await instance()
    await log.follow('a', remembering())
    await keyed(log)
    await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    const all = await Promise.all([keyed(log), keyed(log)])
    expect(all.map(({ seq }) => seq).sort()).toEqual([2, 3])
    expect(told).toEqual([])
  })
})

describe.concurrent('a message on its way', () => {
  it('to a Redis that goes away fails when that is known, long before the deadline', async test => {
    const { server, instance } = await stage(test)
    const { log, told } = await instance()
    await keyed(log)
    await server.stop('SIGKILL')
    await refusedWithin(8_000, keyed(log))
    expect(told).toEqual([false])
  })

  it('whose answer is lost with the connection is sent again by itself, and stored once', async test => {
    const { proxy, far } = await throughProxy(test)
    const { log, told } = await far()
    const { epoch } = await keyed(log, 'before')
    proxy.blackhole('down')
    const stored = keyed(log, 'once')
    await proxy.pass()
    proxy.reset()
    expect(await stored).toMatchObject({ seq: 2 })
    expect((await log.read('a', { epoch, seq: 0 }, 10))?.map(({ body }) => body)).toEqual(['before', 'once'])
    expect(told).toEqual([])
  })

  it('without a key is not sent again: nobody could tell whether it was stored', async test => {
    const { proxy, far } = await throughProxy(test)
    const { log } = await far()
    await keyed(log)
    proxy.blackhole('down')
    const stored = log.append('a', 'published')
    await proxy.pass()
    proxy.reset()
    await refusedWithin(8_000, stored)
  })
})

describe.concurrent('when Redis does not answer', () => {
  it('a message fails at the deadline, and its resend is stored once', async test => {
    const { server, instance } = await stage(test)
    const { log, told } = await instance({ deadlineMs: 1_000 })
    const { epoch } = await keyed(log)
    server.freeze()
    const dedupe = { key: '|c-frozen', dedupeMs: 60_000 }
    const error = await refusedWithin(5_000, log.append('a', 'unknown fate', dedupe))
    expect(error.message).toMatch(/it did not answer within 1000 ms/)
    expect(told).toEqual([false])
    server.thaw()
    await available(told, true)
    const stored = await vi.waitFor(() => log.append('a', 'unknown fate', dedupe), patient)
    expect(stored.seq).toBe(2)
    expect((await log.read('a', { epoch, seq: 0 }, 10))?.map(({ body }) => body)).toEqual(['1', 'unknown fate'])
  })

  it('because the network swallows everything, connections are made anew, and followers miss nothing', async test => {
    const { proxy, ...its } = await throughProxy(test)
    const far = await its.far({ deadlineMs: 1_000 })
    const near = await its.instance()
    const follower = remembering()
    await far.log.follow('a', follower)
    await keyed(near.log, '1')
    proxy.blackhole()
    await keyed(near.log, '2')
    await available(far.told, false)
    await keyed(near.log, '3')
    await proxy.pass()
    await available(far.told, true)
    await keyed(near.log, '4')
    await vi.waitFor(() => expect(follower.got.map(({ body }) => body)).toEqual(['1', '2', '3', '4']), {
      timeout: 8_000,
    })
    expect(follower.losses).toEqual([])
  })
})

describe.concurrent('when Redis takes nothing', () => {
  it.for([
    { why: 'because its memory is full', setting: ['maxmemory', '1', '0'], word: 'OOM' },
    { why: 'because too few replicas have it', setting: ['min-replicas-to-write', '1', '0'], word: 'NOREPLICAS' },
    { why: 'because it is a replica now', setting: null, word: 'READONLY' },
  ] as const)('$why: nothing is acknowledged, and it goes on when that is over', async ({ setting, word }, test) => {
    const { instance, redis } = await stage(test)
    const { log, told } = await instance()
    const { epoch } = await keyed(log, 'before')
    const before = await connectionsTo(redis)
    await (setting ? redis.config('SET', setting[0], setting[1]) : redis.replicaof('127.0.0.1', 1))
    expect((await refusedWithin(5_000, keyed(log, 'during'))).message).toContain(word)
    expect(told).toEqual([false])
    await (setting ? redis.config('SET', setting[0], setting[2]) : redis.replicaof('NO', 'ONE'))
    await available(told, true)
    // The old address may lead to the old place.
    if (!setting) expect(await connectionsTo(redis)).toBeGreaterThan(before)
    await keyed(log, 'after')
    expect((await log.read('a', { epoch, seq: 0 }, 10))?.map(({ body }) => body)).toEqual(['before', 'after'])
  })
})

describe.concurrent('a follower', () => {
  it('misses nothing when its connection is cut again and again', async test => {
    const { instance, redis } = await stage(test)
    const { log } = await instance()
    const other = (await instance()).log
    const follower = remembering()
    await log.follow('a', follower)
    const bodies = Array.from({ length: 300 }, (_, each) => `${each}`)
    for (const [each, body] of bodies.entries()) {
      if (each % 50 === 25) await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
      await keyed(other, body)
    }
    await vi.waitFor(() => expect(follower.got.map(({ body }) => body)).toEqual(bodies), patient)
    expect(follower.losses).toEqual([])
  })

  it('that was away for longer than events are kept is told so, and goes on after that', async test => {
    const { proxy, ...its } = await throughProxy(test)
    const far = await its.far({ maxEvents: 10 })
    const near = await its.instance({ maxEvents: 10 })
    const follower = remembering()
    const { head } = await far.log.follow('a', follower)
    proxy.refuse()
    proxy.reset()
    for (let each = 0; each < 30; each += 1) await keyed(near.log)
    await proxy.pass()
    await vi.waitFor(() => expect(follower.losses).toEqual([{ epoch: head.epoch, seq: 30, oldest: 21 }]), {
      timeout: 8_000,
    })
    await keyed(near.log)
    await vi.waitFor(() => expect(follower.got.map(({ seq }) => seq)).toEqual([31]))
  })

  it('that was away for a while gets all that came meanwhile, and no instance is told of an outage elsewhere', async test => {
    const { proxy, ...its } = await throughProxy(test)
    const far = await its.far()
    const near = await its.instance()
    const follower = remembering()
    await far.log.follow('a', follower)
    proxy.refuse()
    proxy.reset()
    await available(far.told, false)
    const bodies = Array.from({ length: 1_000 }, (_, each) => `${each}`)
    await Promise.all(bodies.map(body => keyed(near.log, body)))
    await proxy.pass()
    await vi.waitFor(() => expect(follower.got.map(({ body }) => body)).toEqual(bodies), patient)
    expect(follower.losses).toEqual([])
    expect(near.told).toEqual([])
  })

  it('gets what a message did not tell, though nothing else comes', async test => {
    const { instance, redis } = await stage(test)
    const { log } = await instance()
    const follower = remembering()
    await log.follow('a', follower)
    await keyed(log)
    await vi.waitFor(() => expect(follower.got).toHaveLength(1))
    // Stored without being published: as if the message had been lost.
    await redis.multi().xadd('holdfast:{a}:events', '2-0', 't', 'silent').hset('holdfast:{a}:topic', 'seq', '2').exec()
    await vi.waitFor(() => expect(follower.got.map(({ body }) => body)).toEqual(['1', 'silent']), patient)
  })
})

describe.concurrent('a cluster', () => {
  it('keeps a topic on one node, whatever its name, and delivers it', async test => {
    const port = await freePort()
    const { kept, instance, redis } = await stage(test, 'none', port, [
      '--cluster-enabled',
      'yes',
      '--cluster-config-file',
      'nodes.conf',
      '--cluster-announce-ip',
      '127.0.0.1',
    ])
    await redis.cluster('ADDSLOTSRANGE', 0, 16_383)
    await vi.waitFor(async () => expect(await redis.cluster('INFO')).toContain('cluster_state:ok'), patient)
    const cluster = new Cluster([{ host: '127.0.0.1', port }])
    await kept({ close: () => cluster.disconnect() })
    const { log, told } = await instance({ redis: cluster })
    for (const topic of ['a', '}a', '{}', 'b{c}']) {
      const follower = remembering()
      await log.follow(topic, follower)
      await log.append(topic, '1', { key: '|c-1', dedupeMs: 60_000 })
      await log.append(topic, '2')
      await vi.waitFor(() => expect(follower.got.map(({ body }) => body)).toEqual(['1', '2']), patient)
      expect(await log.read(topic, { epoch: (await log.head(topic)).epoch, seq: 0 }, 10)).toEqual(follower.got)
    }
    expect(told).toEqual([])
  })
})
