import { describe, expect, it } from 'vitest'
import { LogUnavailable, memoryLog, Refused } from '../../src/server/index.ts'
import { virtualClock } from '../../src/testing/virtual-clock.ts'
import { endpoint } from './wired.ts'

describe('a subscription', () => {
  it('without a cursor begins at the head, with nothing missing', async () => {
    const { greeted, log, settle } = endpoint()
    await log.append('a', '1')
    const { of } = await greeted({ topics: [{ topic: 'a' }, { topic: 'a' }] })
    expect(of('subbed')).toMatchObject([{ topic: 'a', seq: 1, recovered: true }])
    await log.append('a', '2')
    await settle()
    expect(of('event')).toMatchObject([{ seq: 2, data: 2 }])
  })

  it('beyond retention is told the gap first, then what is left', async () => {
    const { greeted, log, context } = endpoint({ log: memoryLog({ maxEvents: 3 }) })
    const { epoch } = await log.head('a')
    for (let n = 1; n <= 10; n++) await log.append('a', `${n}`)
    const { wire } = await greeted({ topics: [{ topic: 'a', epoch, seq: 4 }] })
    expect(wire.frames.slice(1, 3)).toEqual([
      { t: 'subbed', topic: 'a', epoch, seq: 10, recovered: false },
      { t: 'gap', topic: 'a', from: 5, to: 7, reason: 'expired' },
    ])
    expect(wire.frames.slice(3).map(({ t, seq }) => [t, seq])).toEqual([
      ['event', 8],
      ['event', 9],
      ['event', 10],
    ])
    expect(context.metrics.text({ ...NO_GAUGES })).toContain('holdfast_gaps_total{reason="expired"} 1')
  })

  it('at the edge of retention has no gap', async () => {
    const { greeted, log } = endpoint({ log: memoryLog({ maxEvents: 3 }) })
    const { epoch } = await log.head('a')
    for (let n = 1; n <= 10; n++) await log.append('a', `${n}`)
    const { of } = await greeted({ topics: [{ topic: 'a', epoch, seq: 7 }] })
    expect(of('subbed')).toMatchObject([{ recovered: true }])
    expect([of('gap'), of('event').length]).toEqual([[], 3])
  })

  it.each([
    ['of another epoch', { epoch: 'other', seq: 1 }, 'epoch'],
    ['from the future', { seq: 99 }, 'unknown'],
  ])('with a cursor %s is told a gap up to the head, and is replayed nothing', async (_, cursor, reason) => {
    const { greeted, log, settle } = endpoint()
    const { epoch } = await log.head('a')
    for (let n = 1; n <= 3; n++) await log.append('a', `${n}`)
    const { wire } = await greeted({ topics: [{ topic: 'a', epoch, ...cursor }] })
    await log.append('a', '4')
    await settle()
    expect(wire.frames.slice(1)).toMatchObject([
      { t: 'subbed', epoch, seq: 3, recovered: false },
      { t: 'gap', to: 3, reason },
      { t: 'event', seq: 4 },
    ])
    expect(wire.frames[2]).not.toHaveProperty('from')
  })

  it('that exists is answered again and goes on as it was', async () => {
    const { greeted, log, settle } = endpoint()
    const { of, send } = await greeted({ topics: [{ topic: 'a' }] })
    await log.append('a', '1')
    send({ t: 'sub', topic: 'a', epoch: 'forged', seq: 0 })
    await log.append('a', '2')
    await settle()
    expect(of('subbed')).toMatchObject([
      { seq: 0, recovered: true },
      { seq: 1, recovered: true },
    ])
    expect(of('event').map(({ seq }) => seq)).toEqual([1, 2])
  })

  it('is one of so many, and gives its place back', async () => {
    const { greeted, settle } = endpoint({ limits: { topics: 2 } })
    const { of, send } = await greeted({ topics: [{ topic: 'a' }, { topic: 'b' }, { topic: 'c' }] })
    expect(of('err')).toMatchObject([{ topic: 'c', code: 'too-many-topics', retry: 'never' }])
    send({ t: 'unsub', topic: 'a' }, { t: 'sub', topic: 'c' })
    await settle()
    expect(of('subbed').map(({ topic }) => topic)).toEqual(['a', 'b', 'c'])
  })

  it('may be refused by the app in its own words; where the app fails it may be tried again', async () => {
    const { greeted, records } = endpoint({
      authorize({ topic }) {
        if (topic === 'a') throw new Refused('not-yours', { message: 'ask for it' })
        if (topic === 'b') throw new Error('secret')
        return true
      },
    })
    const { of, wire } = await greeted({ topics: [{ topic: 'a' }, { topic: 'b' }, { topic: 'c' }] })
    expect(of('err')).toEqual([
      { t: 'err', topic: 'a', code: 'not-yours', message: 'ask for it', retry: 'never' },
      { t: 'err', topic: 'b', code: 'failed', message: 'the server failed', retry: 'later', afterMs: 1_000 },
    ])
    expect(of('subbed')).toMatchObject([{ topic: 'c' }])
    expect(wire.ended).toBeUndefined()
    expect(records.filter(({ type }) => type === 'failed')).toHaveLength(1)
  })

  it('that waited for the log and is asked for anew meanwhile is answered once, and followed once', async () => {
    const inner = memoryLog()
    let away = true
    let release = (): void => {}
    const { greeted, settle, context, log } = endpoint({
      log: {
        ...inner,
        async head(topic) {
          if (away) throw new LogUnavailable('away')
          // The first one that finds the log again is slow.
          await new Promise<void>(resolve => {
            release = resolve
          })
          return inner.head(topic)
        },
      },
    })
    const { of, send } = await greeted({ topics: [{ topic: 'a' }] })
    expect(of('err')).toMatchObject([{ topic: 'a', code: 'unavailable' }])
    away = false
    context.later.run()
    await settle()
    const first = release
    send({ t: 'sub', topic: 'a' })
    await settle()
    first()
    await settle()
    release()
    await settle()
    expect(of('subbed')).toHaveLength(1)
    await log.append('a', '1')
    await settle()
    expect(of('event')).toHaveLength(1)
    send({ t: 'unsub', topic: 'a' })
    await settle()
    expect(context.feeds.size).toBe(0)
  })

  it('that falls behind what is retained is told so, in its place among the events', async () => {
    const { greeted, log, settle } = endpoint({ limits: { unacked: 16 }, log: memoryLog({ maxEvents: 10 }) })
    const { of, send, wire } = await greeted({ topics: [{ topic: 'a' }] })
    for (let n = 1; n <= 50; n++) await log.append('a', `${n}`)
    await settle()
    expect(of('event')).toHaveLength(16)
    send({ t: 'ack', topic: 'a', seq: 16 })
    await settle()
    const after = wire.frames.slice(wire.frames.findIndex(({ seq }) => seq === 16) + 1)
    expect(after[0]).toEqual({ t: 'gap', topic: 'a', from: 17, to: 40, reason: 'expired' })
    expect(after.slice(1).map(({ seq }) => seq)).toEqual([41, 42, 43, 44, 45, 46, 47, 48, 49, 50])
  })

  it('is told a new epoch with its gap, when the log has lost its history', async () => {
    const clock = virtualClock()
    let inner = memoryLog({ clock })
    const followers: Parameters<typeof inner.follow>[1][] = []
    const { greeted, settle } = endpoint({
      log: {
        ...inner,
        append: (...args) => inner.append(...args),
        head: topic => inner.head(topic),
        read: (...args) => inner.read(...args),
        follow(topic, follower) {
          followers.push(follower)
          return inner.follow(topic, follower)
        },
      },
    })
    const { wire } = await greeted({ topics: [{ topic: 'a' }] })
    await inner.append('a', '1')
    inner = memoryLog({ clock })
    await inner.append('a', '"new"')
    const head = await inner.head('a')
    const [follower] = followers
    if (!follower) throw new Error('nobody follows')
    await inner.follow('a', follower)
    follower.lost(head)
    await settle()
    await inner.append('a', '"newer"')
    await settle()
    expect(wire.frames.slice(2).map(({ t, epoch, seq, to, recovered }) => ({ t, epoch, seq, to, recovered }))).toEqual([
      { t: 'event', epoch: expect.any(String), seq: 1 },
      { t: 'subbed', epoch: head.epoch, seq: 1, recovered: false },
      { t: 'gap', to: 1 },
      { t: 'event', epoch: head.epoch, seq: 2 },
    ])
  })
})

describe('credit', () => {
  it('is one for all topics, and given in turn to those that wait', async () => {
    const { greeted, log, settle } = endpoint({ limits: { unacked: 16 } })
    const { of, send } = await greeted({ topics: [{ topic: 'a' }, { topic: 'b' }] })
    for (let n = 1; n <= 20; n++) {
      await log.append('a', `${n}`)
      await log.append('b', `${n}`)
    }
    await settle()
    expect(of('event')).toHaveLength(16)
    const upTo = (topic: string): number => of('event').filter(event => event.topic === topic).length
    for (let n = 0; n < 8; n++) {
      send({ t: 'ack', topic: 'a', seq: upTo('a') }, { t: 'ack', topic: 'b', seq: upTo('b') })
      await settle()
    }
    for (const topic of ['a', 'b']) {
      expect(of('event').flatMap(event => (event.topic === topic ? [event.seq] : []))).toEqual(
        Array.from({ length: 20 }, (_, index) => index + 1),
      )
    }
  })

  it('is not made by acknowledging what was not sent, or twice, or what nobody subscribed to', async () => {
    const { greeted, log, settle } = endpoint({ limits: { unacked: 16 } })
    const { of, send } = await greeted({ topics: [{ topic: 'a' }] })
    send({ t: 'ack', topic: 'a', seq: 1_000 }, { t: 'ack', topic: 'other', seq: 5 })
    for (let n = 1; n <= 60; n++) await log.append('a', `${n}`)
    await settle()
    expect(of('event')).toHaveLength(16)
    send({ t: 'ack', topic: 'a', seq: 1_000 }, { t: 'ack', topic: 'a', seq: 3 }, { t: 'ack', topic: 'a', seq: 16 })
    await settle()
    expect(of('event')).toHaveLength(32)
  })

  it('comes back when a topic is left', async () => {
    const { greeted, log, settle } = endpoint({ limits: { unacked: 16 } })
    const { of, send } = await greeted({ topics: [{ topic: 'a' }, { topic: 'b' }] })
    for (let n = 1; n <= 16; n++) await log.append('a', `${n}`)
    for (let n = 1; n <= 16; n++) await log.append('b', `${n}`)
    await settle()
    send({ t: 'unsub', topic: 'a' })
    await settle()
    expect(of('event').filter(({ topic }) => topic === 'b')).toHaveLength(16)
  })
})

describe('a slow reader', () => {
  it('is sent nothing while its buffer is full, and goes on where it was', async () => {
    const { greeted, log, settle, clock } = endpoint({ limits: { bufferedBytes: 1_024 } })
    const { of, wire, connection } = await greeted({ topics: [{ topic: 'a' }] })
    wire.buffered = 1_025
    for (let n = 1; n <= 5; n++) await log.append('a', `${n}`)
    await clock.advance(9_000)
    expect([of('event'), wire.ended]).toEqual([[], undefined])
    wire.buffered = 1_024
    connection.flushed()
    await settle()
    expect(of('event').map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
    // The time that it had is given anew.
    wire.buffered = 1_025
    await log.append('a', '6')
    await clock.advance(9_000)
    expect(wire.ended).toBeUndefined()
  })

  it('whose buffer stays full is disconnected with 4001', async () => {
    const { greeted, log, clock } = endpoint({ limits: { bufferedBytes: 1_024, slowMs: 5_000 } })
    const { wire } = await greeted({ topics: [{ topic: 'a' }] })
    wire.buffered = 1_025
    await log.append('a', '1')
    await clock.advance(4_900)
    expect(wire.ended).toBeUndefined()
    await clock.advance(400)
    expect(wire.ended).toEqual({ code: 4001, reason: 'slow consumer' })
  })

  it('that asks and does not listen is disconnected at once when too much waits', async () => {
    const { greeted } = endpoint({ limits: { bufferedBytes: 1_024, messageBytes: 1_024 } })
    const { wire, send } = await greeted()
    wire.buffered = 4_096
    send({ t: 'ping' })
    expect(wire.ended).toBeUndefined()
    wire.buffered = 4_097
    send({ t: 'ping' })
    expect(wire.ended).toEqual({ code: 4001, reason: 'slow consumer' })
  })
})

describe('a connection that sends faster than hooks take', () => {
  it('is not read while more than a message waits, and is not dead for that', async () => {
    const gates: ((_: undefined) => void)[] = []
    const { greeted, settle, clock } = endpoint({
      heartbeatMs: 5_000,
      limits: { messageBytes: 1_024, handlerMs: 100_000 },
      onMessage: () => new Promise<undefined>(resolve => gates.push(resolve)),
    })
    const { wire, send, of } = await greeted()
    send({ t: 'msg', id: 'c1-1', data: 'x'.repeat(900) })
    expect(wire.paused).toBe(false)
    send({ t: 'msg', id: 'c1-2', data: 'x'.repeat(900) })
    expect(wire.paused).toBe(true)
    await clock.advance(60_000)
    expect([wire.ended, of('ping').length]).toEqual([undefined, 12])
    gates[0]?.(undefined)
    await settle()
    expect(wire.paused).toBe(false)
    gates[1]?.(undefined)
    await settle()
    expect(of('ok')).toHaveLength(2)
    await clock.advance(13_500)
    expect(wire.ended?.code).toBe(4000)
  })
})

const NO_GAUGES = { connections: 0, sockets: 0, topics: 0, bufferedBytes: 0, logAvailable: true, draining: false }
