import { describe, expect, it } from 'vitest'
import type { Authenticated, Credentials, Denied, SessionServerOptions } from '../../src/server/index.ts'
import { hello } from './raw-client.ts'
import { endpoint } from './wired.ts'

type Answer = Authenticated | Denied

/** Knows `token` as the identity before its first dot. */
const byToken: NonNullable<SessionServerOptions['authenticate']> = ({ token = '' }) =>
  token ? { identity: token.split('.')[0] ?? '' } : null

describe('a hello', () => {
  it('is waited for 10 s', async () => {
    const { connect, clock, records } = endpoint()
    const { wire } = connect()
    await clock.advance(9_900)
    expect(wire.ended).toBeUndefined()
    await clock.advance(200)
    expect(wire.ended).toEqual({ code: 4400, reason: 'no hello' })
    expect(records.map(({ line }) => line)).toEqual([
      'a connection without hello from 192.0.2.1 closed by this server: 4400 "no hello" after 10.0 s, 0 in / 0 out',
    ])
  })

  it.each([['{"t":"sub","topic":"a"}'], ['garbage'], ['{"t":"hello","v":1}'], ['{"t":"new"}']])(
    'comes first: after %s it is over',
    frame => {
      const { connect } = endpoint()
      const { wire, raw } = connect()
      raw(frame)
      expect(wire.ended).toEqual({ code: 4400, reason: 'expected hello first' })
    },
  )

  it('of another version of the protocol, or of an app that is too old, is told so', async () => {
    const { connect, settle } = endpoint({ schema: { version: 3, accepts: version => version >= 2 } })
    const other = connect()
    other.send(hello({ v: 2 }))
    const old = connect()
    old.send(hello({ schema: 1 }))
    const fine = connect()
    fine.send(hello({ schema: 2 }))
    await settle()
    expect([other.wire.ended?.code, old.wire.ended?.code, fine.wire.ended]).toEqual([4426, 4426, undefined])
    expect(fine.of('welcome')[0]).toMatchObject({ schema: 3 })
  })

  it('shows the hook what the client showed, and keeps its secret', async () => {
    const seen: Credentials[] = []
    const { connect, settle, records } = endpoint({
      authenticate(credentials) {
        seen.push(credentials)
        return { identity: 'me' }
      },
    })
    const { send, wire, connection } = connect({ headers: { origin: 'https://a.example', cookie: 'sid=1' } })
    send(hello({ token: 'very-secret' }))
    await settle()
    expect(seen[0]).toMatchObject({
      token: 'very-secret',
      origin: 'https://a.example',
      headers: { cookie: 'sid=1' },
      address: '192.0.2.1',
      reason: 'hello',
    })
    connection.lost(1006, '', 'network')
    expect(records.map(({ type }) => type)).toEqual(['open', 'close'])
    expect(JSON.stringify([records, wire.frames])).not.toContain('very-secret')
  })

  it.each<readonly [Answer, number]>([
    [null, 4400],
    ['unauthorized', 4400],
    ['refresh', 4200],
    ['expired', 4201],
    ['revoked', 4202],
    ['forbidden', 4403],
    [{ identity: 'me', expiresAt: 1 }, 4201],
  ])('answered with %o by the app is closed with %i', async (answer, code) => {
    const { greeted } = endpoint({ authenticate: async () => answer })
    const { wire } = await greeted()
    expect(wire.ended?.code).toBe(code)
    expect(wire.frames).toEqual([])
  })

  it('is closed with 1011 when the hook throws or takes 10 s, which is reported, and the client is not told why', async () => {
    const { connect, settle, clock, records } = endpoint({
      authenticate({ token, signal }) {
        if (token === 'throws') throw new Error('secret reason')
        return new Promise(() => signal.addEventListener('abort', () => aborted.push(token)))
      },
    })
    const aborted: unknown[] = []
    const throwing = connect()
    throwing.send(hello({ token: 'throws' }))
    const hanging = connect()
    hanging.send(hello({ token: 'hangs' }))
    await settle()
    expect(throwing.wire.ended).toEqual({ code: 1011, reason: 'authentication is not working' })
    await clock.advance(10_001)
    expect(hanging.wire.ended?.code).toBe(1011)
    expect(aborted).toEqual(['hangs'])
    expect(records.filter(({ type }) => type === 'failed').map(({ line }) => line)).toEqual([
      'authenticate threw "Error" for "conn-1"; see `error`',
      'authenticate threw "HookTimeout" for "conn-1"; see `error`',
    ])
  })

  it('that came twice is one error, and no end', async () => {
    const { greeted } = endpoint()
    const { wire, send, of } = await greeted()
    send(hello())
    expect(of('err')).toMatchObject([{ code: 'bad-frame' }])
    expect(wire.ended).toBeUndefined()
  })
})

describe('credentials', () => {
  it('that expire are asked for before, and end the connection with 4201', async () => {
    const { greeted, clock } = endpoint({
      authenticate: () => ({ identity: 'me', expiresAt: clock.wall() + 100_000 }),
    })
    const { wire, of, send } = await greeted()
    expect(of('welcome')[0]).toMatchObject({ identity: 'me', authExpiresInMs: 100_000 })
    for (let n = 0; n < 8; n++) {
      await clock.advance(11_000)
      send({ t: 'pong' })
    }
    expect(of('reauth')).toHaveLength(0)
    await clock.advance(3_000)
    expect(of('reauth')).toHaveLength(1)
    await clock.advance(8_900)
    expect(wire.ended).toBeUndefined()
    await clock.advance(200)
    expect(wire.ended).toEqual({ code: 4201, reason: 'credentials expired' })
  })

  it('are renewed on the live connection', async () => {
    const { greeted, clock, settle } = endpoint({
      authenticate: () => ({ identity: 'me', expiresAt: clock.wall() + 20_000 }),
    })
    const { wire, of, send } = await greeted()
    for (let n = 0; n < 5; n++) {
      await clock.advance(15_000)
      send({ t: 'auth', token: `${n}` }, { t: 'pong' })
      await settle()
    }
    expect(of('authok')).toHaveLength(5)
    expect(of('authok')[0]).toEqual({ t: 'authok', expiresInMs: 20_000 })
    expect(wire.ended).toBeUndefined()
  })

  it.each([
    ['other.1', 4110],
    ['', 4200],
  ])('%j of somebody else, or of nobody, end it', async (token, code) => {
    const { greeted, settle } = endpoint({ authenticate: byToken })
    const { wire, send } = await greeted({ token: 'me.1' })
    send({ t: 'auth', token })
    await settle()
    expect(wire.ended?.code).toBe(code)
  })

  it('that are fresh are asked about every topic again, and the lost ones are given up', async () => {
    let allowed = ['a', 'b']
    const { greeted, settle, log } = endpoint({
      authenticate: byToken,
      authorize: ({ topic, identity }) => identity === 'me' && allowed.includes(topic),
    })
    const { of, send } = await greeted({ token: 'me.1', topics: [{ topic: 'a' }, { topic: 'b' }, { topic: 'c' }] })
    expect(of('subbed').map(({ topic }) => topic)).toEqual(['a', 'b'])
    expect(of('err')).toMatchObject([{ topic: 'c', code: 'forbidden', retry: 'never' }])
    allowed = ['a']
    send({ t: 'auth', token: 'me.2' })
    await settle()
    expect(of('err')).toMatchObject([{ topic: 'c' }, { topic: 'b', code: 'forbidden', retry: 'never' }])
    await log.append('a', '1')
    await log.append('b', '1')
    await settle()
    expect(of('event').map(({ topic }) => topic)).toEqual(['a'])
  })

  it('that were revoked end every connection of that identity, one that is being asked about too', async () => {
    let answer = (_: Answer): void => {}
    const { connect, greeted, settle, context } = endpoint({
      authenticate: ({ token }) =>
        token === 'slow' ? new Promise<Answer>(resolve => (answer = resolve)) : { identity: token ?? '' },
    })
    const one = await greeted({ token: 'me' })
    const other = await greeted({ token: 'you', client: 'c2' })
    const late = connect()
    late.send(hello({ token: 'slow', client: 'c3' }))
    await settle()
    for (const connection of [...context.roster.all]) connection.revoked('me')
    answer({ identity: 'me' })
    await settle()
    expect([one, other, late].map(({ wire }) => wire.ended?.code)).toEqual([4202, undefined, 4202])
  })
})

describe('connections', () => {
  it('of one page may be two; a third one ends the oldest', async () => {
    const { greeted } = endpoint({ authenticate: byToken })
    const first = await greeted({ token: 'me.1', conn: '1' })
    const second = await greeted({ token: 'me.1', conn: '2' })
    const somebody = await greeted({ token: 'you.1', conn: '3' })
    expect([first, second, somebody].map(({ wire }) => wire.ended)).toEqual([undefined, undefined, undefined])
    const third = await greeted({ token: 'me.1', conn: '4' })
    expect(first.wire.ended).toEqual({ code: 4409, reason: 'replaced by a newer one' })
    expect([second, somebody, third].map(({ wire }) => wire.ended)).toEqual([undefined, undefined, undefined])
  })

  it('of one identity are counted, and those that ended are not', async () => {
    const { greeted } = endpoint({ authenticate: byToken, limits: { connectionsPerIdentity: 2 } })
    const first = await greeted({ token: 'me.1', client: 'a' })
    await greeted({ token: 'me.1', client: 'b' })
    const refused = await greeted({ token: 'me.1', client: 'c' })
    expect(refused.wire.ended).toEqual({ code: 4301, reason: 'too many connections of this identity; after=60' })
    first.connection.lost(1006, '', 'network')
    expect((await greeted({ token: 'me.1', client: 'c' })).wire.ended).toBeUndefined()
  })

  it('leave nothing behind', async () => {
    const { greeted, context, clock } = endpoint({ authenticate: byToken })
    for (let n = 0; n < 3; n++) {
      const { connection } = await greeted({ token: 'me.1', client: `c${n}`, topics: [{ topic: 'a' }] })
      expect(context.feeds.size).toBe(1)
      connection.lost(1006, '', 'network')
    }
    expect([context.roster.all.size, context.roster.welcomed.size, context.feeds.size]).toEqual([0, 0, 0])
    expect(clock.timers).toBe(0)
  })
})

describe('liveness', () => {
  it('pings every heartbeat, and ends with 4000 what is silent for two and a half', async () => {
    const { greeted, clock } = endpoint({ heartbeatMs: 10_000 })
    const { wire, of, send } = await greeted()
    await clock.advance(10_000)
    expect(of('ping')).toEqual([{ t: 'ping', n: 1 }])
    send({ t: 'pong', n: 1 })
    await clock.advance(24_900)
    expect(wire.ended).toBeUndefined()
    await clock.advance(400)
    expect(wire.ended).toEqual({ code: 4000, reason: 'nothing heard' })
    expect(of('ping').length).toBeGreaterThanOrEqual(3)
  })

  it('looks again before it gives up: after a long task a timer comes before what was sent meanwhile', async () => {
    const { greeted, clock } = endpoint({ heartbeatMs: 10_000 })
    const { wire, send } = await greeted()
    await clock.advance(25_100)
    send({ t: 'pong' })
    await clock.advance(24_900)
    expect(wire.ended).toBeUndefined()
  })

  it('takes anything that is heard for life', async () => {
    const { greeted, clock } = endpoint({ heartbeatMs: 10_000 })
    const { wire, raw, connection } = await greeted()
    for (let n = 0; n < 10; n++) {
      await clock.advance(20_000)
      if (n % 2) raw('garbage')
      else connection.heard()
    }
    expect(wire.ended).toBeUndefined()
  })
})
