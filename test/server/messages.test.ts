import { describe, expect, it } from 'vitest'
import { LogUnavailable, type Message, memoryLog, Refused } from '../../src/server/index.ts'
import { encodeBinary } from '../../src/session/frames.ts'
import { endpoint } from './wired.ts'

const msg = (id: string, data: unknown = id, more: object = {}): object => ({ t: 'msg', id, data, ...more })
const ids = (frames: readonly Readonly<Record<string, unknown>>[]): unknown[] => frames.map(({ id }) => id)

/** A promise and what settles it. */
function deferred<T = void>() {
  let resolve = (_: T): void => {}
  const promise = new Promise<T>(settle => {
    resolve = settle
  })
  return { promise, resolve }
}

describe('a message', () => {
  it.each(['c2-1', 'c1', 'c1-', 'c1-0', 'c1-1x', 'c1-1-1', 'C1-1', 'c1-01'])(
    'with the id %s is refused: it is not of this client',
    async id => {
      const { greeted, settle, log } = endpoint()
      const { send, of } = await greeted()
      send(msg(id), msg('c1-2'))
      await settle()
      expect(of('err')).toMatchObject([{ id, code: 'bad-id', retry: 'never' }])
      expect(ids(of('ok'))).toEqual(['c1-2'])
      expect(await log.head('default')).toMatchObject({ seq: 1 })
    },
  )

  it('that is too big is one error; the next one is stored', async () => {
    const { greeted, settle } = endpoint({ limits: { messageBytes: 1_024 } })
    const { send, of, connection } = await greeted()
    send(msg('c1-1', 'x'.repeat(1_023)))
    connection.receive(Buffer.from(encodeBinary({ t: 'msg', id: 'c1-2' }, new Uint8Array(1_025))), true)
    connection.receive(Buffer.from(encodeBinary({ t: 'msg', id: 'c1-3' }, new Uint8Array(1_024))), true)
    send(msg('c1-4', 'x'.repeat(1_022)))
    await settle()
    expect(of('err').map(({ id, code, retry }) => [id, code, retry])).toEqual([
      ['c1-1', 'too-big', 'never'],
      ['c1-2', 'too-big', 'never'],
    ])
    expect(ids(of('ok'))).toEqual(['c1-3', 'c1-4'])
  })

  it('that left again within `dedupeMs`, and was long on its way, is recognised', async () => {
    const { greeted, settle, clock, log } = endpoint({ limits: { dedupeMs: 20_000 } })
    for (const age of [0, 21_000, 49_000]) {
      await clock.advance(age)
      const { send, of } = await greeted()
      send(msg('c1-1'))
      await settle()
      expect(of('ok')).toEqual([age ? { t: 'ok', id: 'c1-1', dup: true } : { t: 'ok', id: 'c1-1' }])
    }
    expect(await log.head('default')).toMatchObject({ seq: 1 })
  })

  it('is handled when the one before it is done, in order', async () => {
    const gates = [deferred(), deferred()]
    const seen: string[] = []
    const { greeted, settle } = endpoint({
      async onMessage({ id }) {
        seen.push(id)
        await gates[seen.length - 1]?.promise
        return undefined
      },
    })
    const { send, of } = await greeted({ topics: [{ topic: 'default' }] })
    send(msg('c1-1'), msg('c1-2'))
    await settle()
    expect(seen).toEqual(['c1-1'])
    gates[0]?.resolve()
    await settle()
    expect([seen, ids(of('ok'))]).toEqual([['c1-1', 'c1-2'], ['c1-1']])
    gates[1]?.resolve()
    await settle()
    expect(of('event').map(({ data }) => data)).toEqual(['c1-1', 'c1-2'])
  })

  it('may be replaced by the hook, and the hook knows whose it is', async () => {
    const seen: Message[] = []
    const { greeted, settle } = endpoint({
      authenticate: () => ({ identity: 'me' }),
      onMessage(message) {
        seen.push(message)
        return { data: { from: message.identity, said: message.data } }
      },
    })
    const { send, of } = await greeted({ topics: [{ topic: 'chat' }] })
    send(msg('c1-1', 'hi', { topic: 'chat' }))
    await settle()
    expect(seen[0]).toMatchObject({ id: 'c1-1', topic: 'chat', identity: 'me', conn: 'conn-1', address: '192.0.2.1' })
    expect(of('event')).toMatchObject([{ data: { from: 'me', said: 'hi' }, id: 'c1-1' }])
  })

  it.each([
    [new Refused('no-swearing', { message: 'please' }), { code: 'no-swearing', message: 'please', retry: 'never' }],
    [
      new Refused('busy', { retry: 'later', afterMs: 7 }),
      { code: 'busy', message: 'busy', retry: 'later', afterMs: 7 },
    ],
    [new Refused('old', { retry: 'auth' }), { code: 'old', message: 'old', retry: 'auth' }],
    [new Error('secret'), { code: 'failed', message: 'the server failed', retry: 'never' }],
    ['secret', { code: 'failed', message: 'the server failed', retry: 'never' }],
  ])('that the hook refuses with %o is one err, and the connection lives', async (thrown, err) => {
    const { greeted, settle, log, records } = endpoint({
      onMessage() {
        throw thrown
      },
    })
    const { send, of, wire } = await greeted()
    send(msg('c1-1'))
    await settle()
    expect(of('err')).toEqual([{ t: 'err', id: 'c1-1', ...err }])
    expect(wire.ended).toBeUndefined()
    expect(await log.head('default')).toMatchObject({ seq: 0 })
    expect(records.filter(({ type }) => type === 'failed')).toHaveLength(err.code === 'failed' ? 1 : 0)
    expect(records.map(({ line }) => line).join()).not.toContain('secret')
  })

  it('whose hook takes too long is given up, its signal aborted, and the next one handled', async () => {
    const aborted: string[] = []
    const { greeted, settle, clock } = endpoint({
      limits: { handlerMs: 2_000 },
      onMessage: ({ id, signal }) =>
        id === 'c1-2' ? undefined : new Promise(() => signal.addEventListener('abort', () => aborted.push(id))),
    })
    const { send, of } = await greeted()
    send(msg('c1-1'), msg('c1-2'))
    await clock.advance(1_900)
    expect(of('err')).toEqual([])
    await clock.advance(200)
    await settle()
    expect(of('err')).toMatchObject([{ id: 'c1-1', code: 'timeout', retry: 'never' }])
    expect([aborted, ids(of('ok'))]).toEqual([['c1-1'], ['c1-2']])
  })

  it('may not be sent where `authorize` says no', async () => {
    const { greeted, settle } = endpoint({
      authorize({ action, topic, data }) {
        if (data === 'throw') throw new Error('secret')
        return action === 'subscribe' || (topic === 'open' && data !== 'bad')
      },
    })
    const { send, of } = await greeted({ topics: [{ topic: 'closed' }] })
    send(
      msg('c1-1', 'x', { topic: 'closed' }),
      msg('c1-2', 'x', { topic: 'open' }),
      msg('c1-3', 'bad', { topic: 'open' }),
      msg('c1-4', 'throw', { topic: 'open' }),
    )
    await settle()
    expect(of('err').map(({ id, code }) => [id, code])).toEqual([
      ['c1-1', 'forbidden'],
      ['c1-3', 'forbidden'],
      ['c1-4', 'failed'],
    ])
    expect(ids(of('ok'))).toEqual(['c1-2'])
  })
})

describe('the id of a message', () => {
  it('is scoped by identity: two users who call themselves alike do not share it', async () => {
    const { greeted, settle, log } = endpoint({ authenticate: ({ token }) => ({ identity: token ?? '' }) })
    const one = await greeted({ token: 'a', topics: [{ topic: 'default' }] })
    const other = await greeted({ token: 'b', topics: [{ topic: 'default' }] })
    one.send(msg('c1-1', 'of a'))
    await settle()
    other.send(msg('c1-1', 'of b'))
    await settle()
    expect(other.of('ok')).toEqual([{ t: 'ok', id: 'c1-1' }])
    expect(await log.head('default')).toMatchObject({ seq: 2 })
    // And neither learns that of the other.
    expect(one.of('event').map(({ id }) => id)).toEqual(['c1-1', undefined])
    expect(other.of('event').map(({ id }) => id)).toEqual([undefined, 'c1-1'])
  })

  it('is not told to a client that is called as another one and a counter', async () => {
    const { greeted, settle } = endpoint()
    const short = await greeted({ client: 'c', topics: [{ topic: 'default' }] })
    const long = await greeted({ client: 'c-1', topics: [{ topic: 'default' }] })
    long.send(msg('c-1-7'))
    await settle()
    expect([ids(short.of('event')), ids(long.of('event'))]).toEqual([[undefined], ['c-1-7']])
  })
})

describe('messages that are refused for now', () => {
  it('hold those behind them until that very one comes again: order is kept', async () => {
    let busy = true
    const { greeted, settle } = endpoint({
      onMessage({ id }) {
        if (busy && id === 'c1-2') throw new Refused('busy', { retry: 'later' })
        return undefined
      },
    })
    const { send, of } = await greeted({ topics: [{ topic: 'default' }] })
    send(msg('c1-1'), msg('c1-2'), msg('c1-3'), msg('c1-4'))
    await settle()
    expect(of('err').map(({ id, code, retry }) => [id, code, retry])).toEqual([
      ['c1-2', 'busy', 'later'],
      ['c1-3', 'held', 'later'],
      ['c1-4', 'held', 'later'],
    ])
    send(msg('c1-3'), msg('c1-2'))
    await settle()
    expect(
      of('err')
        .slice(3)
        .map(({ id, code }) => [id, code]),
    ).toEqual([
      ['c1-3', 'held'],
      ['c1-2', 'busy'],
    ])
    busy = false
    send(msg('c1-2'), msg('c1-3'), msg('c1-4'))
    await settle()
    expect(of('event').map(({ id }) => id)).toEqual(['c1-1', 'c1-2', 'c1-3', 'c1-4'])
  })

  it('until the client has fresh credentials hold those behind them as well', async () => {
    let old = true
    const { greeted, settle } = endpoint({
      onMessage({ id }) {
        if (old && id === 'c1-1') throw new Refused('old', { retry: 'auth' })
        return undefined
      },
    })
    const { send, of } = await greeted({ topics: [{ topic: 'default' }] })
    send(msg('c1-1'), msg('c1-2'))
    await settle()
    old = false
    send(msg('c1-1'), msg('c1-2'))
    await settle()
    expect(ids(of('event'))).toEqual(['c1-1', 'c1-2'])
  })

  it('do not hold for ever: the one that is waited for may have expired', async () => {
    let busy = true
    const { greeted, settle, clock } = endpoint({
      onMessage() {
        if (busy) throw new Refused('busy', { retry: 'later', afterMs: 1_000 })
        return undefined
      },
    })
    const { send, of } = await greeted()
    send(msg('c1-1'))
    await settle()
    busy = false
    await clock.advance(30_900)
    send(msg('c1-2'))
    await settle()
    expect(of('ok')).toEqual([])
    await clock.advance(200)
    send(msg('c1-2'))
    await settle()
    expect(ids(of('ok'))).toEqual(['c1-2'])
  })

  it('are those beyond the credit of the client, in their order', async () => {
    const gate = deferred<undefined>()
    const { greeted, settle } = endpoint({ limits: { inFlight: 2 }, onMessage: () => gate.promise })
    const { send, of } = await greeted({ topics: [{ topic: 'default' }] })
    send(msg('c1-1'), msg('c1-2'), msg('c1-3'), msg('c1-4'))
    gate.resolve(undefined)
    await settle()
    expect(of('err').map(({ id, code, retry }) => [id, code, retry])).toEqual([
      ['c1-3', 'in-flight', 'later'],
      ['c1-4', 'held', 'later'],
    ])
    send(msg('c1-3'), msg('c1-4'))
    await settle()
    expect(ids(of('event'))).toEqual(['c1-1', 'c1-2', 'c1-3', 'c1-4'])
  })

  it.each([
    ['connection', { connection: { perSecond: 1, burst: 2 } }],
    ['identity', { identity: { perSecond: 1, burst: 2 } }],
    ['topic', { topic: { perSecond: 1, burst: 2 } }],
    ['type', { type: { say: { perSecond: 1, burst: 2 } } }],
    ['type', { type: { say: { perSecond: 1, burst: 2 } }, typeOf: () => 'say' }],
  ])('are those that are too fast for their %s, with the time that they must wait', async (_, rates) => {
    const { greeted, clock, settle } = endpoint({ rates, authenticate: () => ({ identity: 'me' }) })
    const { send, of } = await greeted()
    const say = (n: number): object => msg(`c1-${n}`, { type: 'say' })
    send(say(1), say(2), say(3))
    await settle()
    expect(of('err')).toMatchObject([{ id: 'c1-3', code: 'rate', retry: 'later', afterMs: 1_000 }])
    await clock.advance(500)
    send(say(3))
    await settle()
    expect(of('err')[1]).toMatchObject({ id: 'c1-3', code: 'rate', afterMs: 500 })
    await clock.advance(500)
    send(say(3))
    await settle()
    expect(ids(of('ok'))).toEqual(['c1-1', 'c1-2', 'c1-3'])
  })

  it('share the rate of their identity and their topic over connections, and no other', async () => {
    const { greeted, settle } = endpoint({
      rates: { identity: { perSecond: 1 }, topic: { perSecond: 2 } },
      authenticate: ({ token }) => ({ identity: token ?? '' }),
    })
    const one = await greeted({ token: 'a', client: 'a1' })
    const two = await greeted({ token: 'a', client: 'a2' })
    const you = await greeted({ token: 'b', client: 'b1' })
    const they = await greeted({ token: 'c', client: 'd1' })
    one.send(msg('a1-1'))
    two.send(msg('a2-1'))
    you.send(msg('b1-1'))
    they.send(msg('d1-1'))
    await settle()
    expect([one, two, you, they].map(({ of }) => [of('ok').length, of('err').length])).toEqual([
      [1, 0],
      [0, 1],
      [1, 0],
      [0, 1],
    ])
  })
})

describe('a log that is away', () => {
  it('acknowledges nothing, says when to come again, and subscribes by itself when it is back', async () => {
    let away = true
    const inner = memoryLog()
    const guarded = <T>(work: () => Promise<T>): Promise<T> =>
      away ? Promise.reject(new LogUnavailable('away')) : work()
    const { greeted, settle, records, context } = endpoint({
      log: {
        ...inner,
        append: (...args) => guarded(() => inner.append(...args)),
        head: topic => guarded(() => inner.head(topic)),
        read: (...args) => guarded(() => inner.read(...args)),
        follow: (...args) => guarded(() => inner.follow(...args)),
      },
    })
    const { send, of, wire } = await greeted({ topics: [{ topic: 'default' }] })
    send(msg('c1-1'), msg('c1-2'))
    await settle()
    expect(of('err').map(({ id, topic, code, retry, afterMs }) => [id ?? topic, code, retry, afterMs])).toEqual([
      ['default', 'unavailable', 'later', 1_000],
      ['c1-1', 'unavailable', 'later', 1_000],
      ['c1-2', 'held', 'later', 1_000],
    ])
    expect(of('ok')).toEqual([])
    away = false
    context.later.run()
    await settle()
    expect(of('subbed')).toMatchObject([{ topic: 'default', recovered: true }])
    send(msg('c1-1'), msg('c1-2'))
    await settle()
    expect(ids(of('event'))).toEqual(['c1-1', 'c1-2'])
    expect(wire.ended).toBeUndefined()
    // The log says it once, and not for every message.
    expect(records.filter(({ type }) => type === 'failed')).toEqual([])
  })
})

describe('a request', () => {
  const ask = (id: string, data?: unknown): object => msg(id, data, { request: true })

  it('is answered, and stored in no topic', async () => {
    const { greeted, settle, log } = endpoint({ onRequest: ({ data }) => ({ got: data }) })
    const { send, of } = await greeted()
    send(ask('c1-1', 'x'))
    await settle()
    expect(of('ok')).toEqual([{ t: 'ok', id: 'c1-1', data: { got: 'x' } }])
    expect(await log.head('default')).toMatchObject({ seq: 0 })
  })

  it('that comes again has the same answer, and the hook is not called again, even while it works', async () => {
    let calls = 0
    const gate = deferred()
    const { greeted, settle } = endpoint({
      async onRequest() {
        calls++
        await gate.promise
        return calls
      },
    })
    const one = await greeted()
    const other = await greeted({ conn: 'conn-2' })
    one.send(ask('c1-1'))
    other.send(ask('c1-1'))
    await settle()
    gate.resolve()
    await settle()
    other.send(ask('c1-1'))
    await settle()
    expect(one.of('ok')).toEqual([{ t: 'ok', id: 'c1-1', data: 1 }])
    expect(other.of('ok')).toEqual([
      { t: 'ok', id: 'c1-1', dup: true, data: 1 },
      { t: 'ok', id: 'c1-1', dup: true, data: 1 },
    ])
    expect(calls).toBe(1)
  })

  it('may be answered with nothing, and refused like a message', async () => {
    const { greeted, settle } = endpoint({
      onRequest({ data }) {
        if (data === 'no') throw new Refused('no')
        if (data === 'cycle') {
          const cycle: unknown[] = []
          cycle.push(cycle)
          return cycle
        }
        return undefined
      },
    })
    const { send, of, wire } = await greeted()
    send(ask('c1-1'), ask('c1-2', 'no'), ask('c1-3', 'cycle'))
    await settle()
    expect(of('ok')).toEqual([{ t: 'ok', id: 'c1-1' }])
    expect(of('err').map(({ id, code }) => [id, code])).toEqual([
      ['c1-2', 'no'],
      ['c1-3', 'failed'],
    ])
    expect(wire.ended).toBeUndefined()
  })

  it('is refused where nobody answers', async () => {
    const { greeted, settle } = endpoint()
    const { send, of } = await greeted()
    send(ask('c1-1'))
    await settle()
    expect(of('err')).toMatchObject([{ id: 'c1-1', code: 'no-requests', retry: 'never' }])
  })
})
