import { describe, expect, it, vi } from 'vitest'
import { session, type TopicEvent } from '../../src/session/index.ts'
import { SessionServer } from './session-server.ts'
import { told } from './told.ts'

describe('a drop-in socket in a session', () => {
  it('opens when the server has welcomed it and answered every subscription', async () => {
    const { journal, log, socket } = await told()
    expect(journal).toEqual(['open'])
    expect(log.heard).toMatchObject([{ t: 'hello', v: 1, topics: [{ topic: 'default' }] }])
    expect(socket.protocol).toBe('holdfast.v1')
  })

  it('gets events of the default topic as plain messages, JSON as its text', async () => {
    const { journal, log, clock } = await told()
    log.publish('default', 'plain')
    log.publish('default', { price: 3 })
    await clock.advance(0)
    expect(journal.slice(1)).toEqual(['message plain', 'message {"price":3}'])
  })

  it('misses nothing while it was away, and gets nothing twice', async () => {
    const { journal, log, clock, server } = await told()
    log.publish('default', 'a')
    await clock.advance(0)
    server.open[0]?.reset()
    log.publish('default', 'b')
    log.publish('default', 'c')
    await clock.advance(5_000)
    expect(journal).toEqual(['open', 'message a', 'close 1006', 'open', 'message b', 'message c'])
    expect(log.said('hello')[1]).toMatchObject({ topics: [{ topic: 'default', epoch: 'e1', seq: 1 }] })
  })

  it('moves its cursor when what `waitUntil()` was given has settled, and not before', async () => {
    const { log, clock, socket, server } = await told()
    const done: (() => void)[] = []
    const seen: string[] = []
    socket.addEventListener('message', event => {
      seen.push(event.data)
      if ('waitUntil' in event && typeof event.waitUntil === 'function') {
        event.waitUntil(new Promise<void>(resolve => done.push(resolve)))
      }
    })
    log.publish('default', 'a')
    log.publish('default', 'b')
    await clock.advance(2_000)
    expect(seen).toEqual(['a'])
    expect(log.said('ack')).toEqual([])
    server.open[0]?.reset()
    await clock.advance(5_000)
    // Not handled, so it is asked for again, and not given twice: it is here already.
    expect(log.said('hello')[1]).toMatchObject({ topics: [{ seq: 0 }] })
    done[0]?.()
    await clock.advance(1_000)
    expect(seen).toEqual(['a', 'b'])
    expect(log.said('ack')).toMatchObject([{ topic: 'default', seq: 1 }])
  })

  it('sends under an id, and again under the same one when nobody said that it was stored', async () => {
    const { log, clock, socket, server } = await told({}, { instead: frame => frame.t === 'msg' && log === undefined })
    const message = socket.send('x', {})
    expect(message.state).toBe('sent')
    server.open[0]?.reset()
    await clock.advance(0)
    expect(message.state).toBe('maybe-delivered')
    await clock.advance(5_000)
    expect(message.state).toBe('acknowledged')
    const ids = log.said('msg').map(({ id }) => id)
    expect(new Set(ids).size).toBe(1)
    expect(log.log('default').events).toHaveLength(1)
  })
})

describe('a topic', () => {
  it('is subscribed to by its first handler, and left by the last', async () => {
    const { log, clock, socket } = await told()
    const seen: unknown[] = []
    const off = socket.topic('orders').on(({ data }) => seen.push(data))
    const other = socket.topic('orders').on(() => {})
    await clock.advance(0)
    log.publish('orders', 1)
    await clock.advance(0)
    off()
    log.publish('orders', 2)
    await clock.advance(0)
    other()
    await clock.advance(0)
    expect(seen).toEqual([1])
    expect(log.heard.map(({ t, topic }) => `${t} ${topic}`)).toEqual(['hello undefined', 'sub orders', 'unsub orders'])
  })

  it('begins anew when it was left, and is subscribed to again', async () => {
    const { log, clock, socket } = await told()
    const seen: unknown[] = []
    const listen = (): (() => void) => socket.topic('orders').on(({ data }) => seen.push(data))
    const off = listen()
    await clock.advance(0)
    log.publish('orders', 1)
    await clock.advance(2_000)
    off()
    log.publish('orders', 2)
    listen()
    await clock.advance(0)
    log.publish('orders', 3)
    await clock.advance(0)
    expect(seen).toEqual([1, 3])
  })

  it('gives events one after the other, and awaits the handler', async () => {
    const { log, clock, socket } = await told()
    const seen: string[] = []
    socket.topic('orders').on(async ({ data }: TopicEvent) => {
      seen.push(`begin ${data}`)
      await Promise.resolve()
      seen.push(`end ${data}`)
    })
    await clock.advance(0)
    log.publish('orders', 1)
    log.publish('orders', 2)
    await clock.advance(0)
    expect(seen).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2'])
  })

  it('tells of a gap once, before any later event, and holds those until its handler has settled', async () => {
    const { log, clock, socket, server } = await told()
    const seen: string[] = []
    let settle = (): void => {}
    socket.topic('orders').on(({ seq }) => void seen.push(`event ${seq}`), {
      onGap: ({ from, to, reason }) => {
        seen.push(`gap ${from}-${to} ${reason}`)
        return new Promise<void>(resolve => {
          settle = resolve
        })
      },
    })
    await clock.advance(0)
    for (let each = 0; each < 3; each++) log.publish('orders', each)
    await clock.advance(0)
    server.open[0]?.reset()
    for (let each = 0; each < 5; each++) log.publish('orders', each)
    log.trim('orders', 2)
    await clock.advance(5_000)
    expect(seen).toEqual(['event 1', 'event 2', 'event 3', 'gap 4-6 expired'])
    // Another connection, while the gap is still being handled: it is not told again.
    server.open[0]?.reset()
    await clock.advance(6_000)
    log.publish('orders', 'later')
    await clock.advance(0)
    expect(seen).toHaveLength(4)
    settle()
    await clock.advance(0)
    expect(seen.slice(4)).toEqual(['event 7', 'event 8', 'event 9'])
  })

  it('skips what the app fetched anew already', async () => {
    const { log, clock, socket, server } = await told()
    const seen: number[] = []
    socket.topic('orders').on(({ seq }) => void seen.push(seq), { onGap: async () => 7 })
    await clock.advance(0)
    log.publish('orders', 1)
    await clock.advance(0)
    server.open[0]?.reset()
    for (let each = 0; each < 8; each++) log.publish('orders', each)
    log.trim('orders', 4)
    await clock.advance(5_000)
    expect(seen).toEqual([1, 8, 9])
    expect(socket.topic('orders').cursor).toEqual({ epoch: 'e1', seq: 9 })
  })

  it('says that a log was lost: a gap, and the new one from there', async () => {
    const { log, clock, socket, server } = await told()
    const seen: string[] = []
    socket.on('gap', ({ to, reason }) => seen.push(`gap ${to} ${reason}`))
    socket.topic('orders').on(({ epoch, seq }) => void seen.push(`${epoch} ${seq}`))
    await clock.advance(0)
    log.publish('orders', 1)
    await clock.advance(0)
    server.open[0]?.reset()
    log.lose('orders', 'e2')
    log.publish('orders', 1)
    await clock.advance(5_000)
    log.publish('orders', 2)
    await clock.advance(0)
    expect(seen).toEqual(['e1 1', 'gap 1 epoch', 'e2 2'])
  })

  it('reports a jump, whatever the server says', async () => {
    const { log, clock, socket } = await told()
    const seen: string[] = []
    socket.topic('orders').on(({ seq }) => void seen.push(`event ${seq}`), {
      onGap: ({ from, to, reason }) => void seen.push(`gap ${from}-${to} ${reason}`),
    })
    await clock.advance(0)
    log.tell({ t: 'event', topic: 'orders', epoch: 'e1', seq: 4, data: 0 })
    await clock.advance(0)
    expect(seen).toEqual(['gap 1-3 unknown', 'event 4'])
  })

  it('acknowledges once a second, or every 32 events', async () => {
    const { log, clock, socket } = await told()
    socket.topic('orders').on(() => {})
    await clock.advance(0)
    for (let each = 0; each < 40; each++) log.publish('orders', each)
    await clock.advance(0)
    expect(log.said('ack')).toMatchObject([{ seq: 32 }])
    await clock.advance(1_000)
    expect(log.said('ack')).toMatchObject([{ seq: 32 }, { seq: 40 }])
  })

  it('acknowledges sooner where many topics share what may be under way', async () => {
    const { log, clock, socket } = await told({}, { limits: { unacked: 16 } })
    const names = Array.from({ length: 8 }, (_, index) => `topic ${index}`)
    const seen: unknown[] = []
    for (const name of names) socket.topic(name).on(({ data }) => seen.push(data))
    await clock.advance(0)
    for (let each = 0; each < 80; each++) log.publish(names[each % 8] ?? '', each)
    // Without waiting for the second that an acknowledgement may take.
    await clock.advance(900)
    expect(seen).toHaveLength(80)
  })

  it('keeps no topic that is only sent to', async () => {
    const { socket } = await told({ options: { outbox: { maxMessages: 10_000 } } })
    const first = socket.topic('first')
    expect(socket.topic('first')).toBe(first)
    for (let each = 0; each < 3_000; each++) socket.topic(`room ${each}`)
    expect(socket.topic('first')).not.toBe(first)
  })

  it('is given a failed event again where the handler wants that, and nothing behind it meanwhile', async () => {
    const { log, clock, socket, problems } = await told()
    const seen: string[] = []
    let fails = 2
    socket.topic('orders').on(
      ({ seq }) => {
        seen.push(`${seq}`)
        if (fails-- > 0) throw new Error('database is down')
      },
      { onHandlerError: () => 'retry' },
    )
    await clock.advance(0)
    log.publish('orders', 1)
    log.publish('orders', 2)
    await clock.advance(999)
    expect(seen).toEqual(['1'])
    await clock.advance(1)
    await clock.advance(2_000)
    expect(seen).toEqual(['1', '1', '1', '2'])
    expect(problems).toEqual([])
  })
})

describe('a socket that is closed while a handler is to be called again', () => {
  it('gives it that event again in its next life, and what came behind it', async () => {
    const { log, clock, socket } = await told()
    const seen: string[] = []
    let fails = 1
    socket.topic('orders').on(
      ({ seq }) => {
        seen.push(`${seq}`)
        if (fails-- > 0) throw new Error('database is down')
      },
      { onHandlerError: () => 'retry' },
    )
    await clock.advance(0)
    log.publish('orders', 1)
    log.publish('orders', 2)
    await clock.advance(0)
    socket.close()
    await clock.advance(60_000)
    expect([seen, clock.timers]).toEqual([['1'], 0])
    socket.reconnect()
    await clock.advance(60_000)
    expect(seen).toEqual(['1', '1', '2'])
  })
})

describe('a request', () => {
  it('is answered, once, also across a reconnect', async () => {
    let deaf = true
    const { clock, socket, server, log } = await told({}, { instead: frame => frame.t === 'msg' && deaf })
    const answer = socket.request({ ask: 1 })
    await clock.advance(0)
    deaf = false
    server.open[0]?.reset()
    await clock.advance(5_000)
    expect(await answer).toEqual({ answer: { ask: 1 } })
    expect(log.said('msg')).toHaveLength(2)
  })

  it('gives up after its time, and leaves nothing behind', async () => {
    const { clock, socket, server, log } = await told({}, { instead: ({ t }) => t === 'msg' })
    const failed = vi.fn()
    socket.request(1, { timeoutMs: 500 }).catch(failed)
    await clock.advance(500)
    expect(failed).toHaveBeenCalledWith(expect.objectContaining({ code: 'ERR_TIMEOUT' }))
    server.open[0]?.reset()
    await clock.advance(5_000)
    expect(log.said('msg')).toHaveLength(1)
  })

  it('is given up by its signal', async () => {
    const { socket } = await told({}, { instead: ({ t }) => t === 'msg' })
    const abort = new AbortController()
    const asked = socket.request(1, { signal: abort.signal })
    abort.abort(new Error('left the page'))
    await expect(asked).rejects.toThrow('left the page')
  })
})

describe('handover', () => {
  it('replaces the connection without a gap: open throughout, nothing lost, nothing twice', async () => {
    const { log, clock, socket, journal, statuses, server } = await told()
    statuses.length = 0
    socket.topic('orders').on(({ data }) => void journal.push(`order ${data}`))
    const handovers: number[] = []
    socket.on('handover', ({ connection }) => handovers.push(connection))
    await clock.advance(0)
    log.publish('orders', 1)
    socket.handover()
    log.publish('orders', 2)
    await clock.advance(0)
    log.publish('orders', 3)
    await clock.advance(100)
    expect(journal).toEqual(['open', 'order 1', 'order 2', 'order 3'])
    expect(handovers).toEqual([2])
    expect(new Set(statuses.map(({ state }) => state))).toEqual(new Set(['open']))
    expect(log.said('bye')).toHaveLength(1)
    expect(server.connections.map(({ state }) => state)).toEqual(['ended', 'open'])
  })

  it('sends what was not acknowledged again on the second connection, under the same id', async () => {
    let deaf = true
    const { log, clock, socket } = await told({}, { instead: frame => frame.t === 'msg' && deaf })
    const first = socket.send('x', {})
    socket.handover()
    deaf = false
    await clock.advance(100)
    expect(first.state).toBe('acknowledged')
    expect(new Set(log.said('msg').map(({ id }) => id)).size).toBe(1)
  })

  it('takes what is sent when it is told of on the new connection alone', async () => {
    const { clock, socket, server } = await told()
    socket.on('handover', () => void socket.send('told', {}))
    socket.handover()
    await clock.advance(100)
    const heard = server.connections.map(({ received }) => received.filter(frame => `${frame}`.includes('"told"')))
    expect(heard.map(({ length }) => length)).toEqual([0, 1])
  })

  it('follows a goaway at a moment of its own', async () => {
    const { log, clock, server, journal } = await told({ rolls: [0.5] })
    log.tell({ t: 'goaway', afterMs: 2_000, spreadMs: 4_000, reason: 'deploy' })
    await clock.advance(3_999)
    expect(server.dials).toHaveLength(1)
    await clock.advance(1)
    expect(server.dials).toHaveLength(2)
    expect(journal).toEqual(['open'])
  })

  it('follows one goaway in ten seconds', async () => {
    const { log, clock, server } = await told({ rolls: [0] })
    for (let each = 0; each < 20; each++) {
      log.tell({ t: 'goaway', afterMs: 0, spreadMs: 1_000 })
      await clock.advance(500)
    }
    expect(server.dials.length).toBeLessThanOrEqual(2)
  })

  it('follows a second goaway ten seconds later, where it was handed over to a server that goes as well', async () => {
    const { log, clock, server, journal } = await told({ rolls: [0] })
    log.tell({ t: 'goaway', afterMs: 1_000, spreadMs: 20 })
    await clock.advance(1_100)
    expect(server.dials).toHaveLength(2)
    await clock.advance(10_000)
    log.tell({ t: 'goaway', afterMs: 1_000, spreadMs: 20 })
    await clock.advance(1_100)
    expect(server.dials).toHaveLength(3)
    expect(journal).toEqual(['open'])
  })

  it('goes within the milliseconds that it is given, once a second has passed', async () => {
    const { log, clock, server } = await told({ rolls: [0.9] })
    log.tell({ t: 'goaway', afterMs: 1_000, spreadMs: 20 })
    await clock.advance(1_017)
    expect(server.dials).toHaveLength(1)
    await clock.advance(1)
    expect(server.dials).toHaveLength(2)
  })
})

describe('credentials', () => {
  it('travel in hello, and a fresh one over the connection that serves', async () => {
    let issued = 0
    const { log, clock, server, journal } = await told({
      options: { auth: () => ({ token: `t${++issued}`, expiresAt: Date.UTC(2025, 0) + issued * 100_000 }) },
    })
    await clock.advance(0)
    expect(log.said('hello')).toMatchObject([{ token: 't1' }])
    await clock.advance(80_000)
    expect(log.said('auth')).toMatchObject([{ token: 't2' }])
    await clock.advance(10_000)
    expect(server.dials).toHaveLength(1)
    expect(journal).toEqual(['open'])
  })

  it('travel on a second connection where the server does not take them in-band', async () => {
    let issued = 0
    const { log, clock, server, journal } = await told(
      { options: { auth: () => ({ token: `t${++issued}`, expiresAt: Date.UTC(2025, 0) + issued * 100_000 }) } },
      { instead: ({ t }) => t === 'auth' },
    )
    await clock.advance(85_000)
    await clock.advance(100)
    expect(server.dials).toHaveLength(2)
    expect(log.said('hello')).toMatchObject([{ token: 't1' }, { token: 't2' }])
    expect(journal).toEqual(['open'])
    await clock.advance(100_000)
    // It is not asked again.
    expect(log.said('auth')).toHaveLength(1)
  })

  it('that come faster than an answer do not put off the second connection', async () => {
    let issued = 0
    const { clock, server, socket, journal } = await told(
      { options: { auth: () => `t${++issued}` } },
      { instead: ({ t }) => t === 'auth' },
    )
    for (let each = 0; each < 3; each++) {
      socket.refreshAuth()
      await clock.advance(2_000)
    }
    expect(server.dials).toHaveLength(2)
    expect(journal).toEqual(['open'])
  })

  it('travel over the connection that serves again when a server that was late once takes them', async () => {
    let issued = 0
    let late = true
    const { log, clock, server } = await told(
      { options: { auth: () => ({ token: `t${++issued}`, expiresAt: Date.UTC(2025, 0) + issued * 100_000 }) } },
      { instead: ({ t }) => t === 'auth' && late },
    )
    await clock.advance(85_100)
    expect(server.dials).toHaveLength(2)
    late = false
    log.tell({ t: 'authok' })
    await clock.advance(100_000)
    expect(log.said('auth')).toHaveLength(2)
    expect(server.dials).toHaveLength(2)
  })

  it('of another identity drop cursors and messages', async () => {
    let who = 'ann'
    const { log, clock, socket, discards } = await told({ options: { auth: () => ({ token: who, identity: who }) } })
    await clock.advance(0)
    socket.topic('orders').on(() => {})
    await clock.advance(0)
    log.publish('orders', 1)
    await clock.advance(0)
    const before = log.said('hello')[0]?.client
    who = 'bob'
    socket.refreshAuth()
    await clock.advance(15_000)
    const hello = log.said('hello').at(-1)
    expect(hello).toMatchObject({ token: 'bob', topics: [{ topic: 'default' }, { topic: 'orders' }] })
    expect(JSON.stringify(hello)).not.toContain('epoch')
    expect(hello?.client).not.toBe(before)
    expect(discards).toEqual([])
  })
})

describe('a server that does not speak the protocol', () => {
  it('is told of, and is not talked to', async () => {
    const { problems, journal } = await told({ behaviour: connection => connection.accept('') })
    expect(problems).toMatchObject([{ code: 'ERR_PROTOCOL' }])
    expect(journal[0]).toMatch(/error|close/)
  })

  it('is none that spoke it before and is away', async () => {
    let away = false
    const server = new SessionServer()
    const { clock, problems, ...made } = await told({
      behaviour: connection => (away ? connection.refuse() : server.behaviour(connection)),
    })
    away = true
    made.server.open[0]?.reset()
    await clock.advance(60_000)
    expect(made.server.dials.length).toBeGreaterThan(4)
    expect(problems).toEqual([])
  })

  it('is talked to plainly where the session is optional', async () => {
    const { socket, clock, journal, server, problems } = await told({
      behaviour: connection => {
        if (connection.dial.protocols.length) connection.refuse()
        else connection.accept()
      },
      options: { session: session({ optional: true }) },
    })
    socket.send('early')
    await clock.advance(5_000)
    socket.send('late')
    await clock.advance(0)
    expect(server.open[0]?.received).toEqual(['early', 'late'])
    server.open[0]?.send('hello')
    await clock.advance(0)
    expect(journal.at(-1)).toBe('message hello')
    expect(problems).toEqual([])
  })
})
