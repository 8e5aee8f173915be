import { describe, expect, it } from 'vitest'
import { decodeBinary } from '../../src/session/frames.ts'
import { session } from '../../src/session/index.ts'
import { send } from './session-server.ts'
import { told } from './told.ts'

/** The server says nothing about messages. */
const silent = { instead: ({ t }: { readonly t: string }) => t === 'msg' }

describe('what is sent', () => {
  it('waits while nothing is open, is bounded, and says what became of it', async () => {
    const { socket, clock, server, log } = await told({ options: { outbox: { maxMessages: 2 } } })
    server.open[0]?.reset()
    await clock.advance(0)
    const first = socket.topic('a').send(1)
    const second = socket.topic('a').send(2)
    expect(() => socket.topic('a').send(3)).toThrow(expect.objectContaining({ code: 'ERR_OUTBOX_FULL' }))
    await clock.advance(250)
    expect([first.state, second.state, socket.status.queued.messages]).toEqual(['queued', 'queued', 2])
    await clock.advance(5_000)
    expect([first.state, second.state]).toEqual(['acknowledged', 'acknowledged'])
    await expect(first.delivered).resolves.toBeUndefined()
    expect(log.log('a').events.map(({ data }) => data)).toEqual([1, 2])
  })

  it('makes room by dropping the oldest that was never sent, and nothing that was', async () => {
    const { socket, server, clock, discards } = await told(
      { options: { outbox: { maxMessages: 2, overflow: 'drop-oldest' } } },
      silent,
    )
    const sent = socket.topic('a').send('on the wire')
    server.open[0]?.reset()
    await clock.advance(0)
    const dropped = socket.topic('a').send('never sent')
    const last = socket.topic('a').send('last')
    expect([sent.state, dropped.state, last.state]).toEqual(['maybe-delivered', 'dropped', 'queued'])
    expect(discards).toMatchObject([{ messages: 1, why: 'overflow' }])
    await expect(dropped.delivered).rejects.toMatchObject({ code: 'ERR_UNDELIVERED' })
  })

  it('is on the wire up to what the server allows, and no further', async () => {
    const { socket, log, clock } = await told({}, { ...silent, limits: { inFlight: 3 } })
    for (let each = 0; each < 5; each++) socket.topic('a').send(each)
    await clock.advance(250)
    expect(log.said('msg')).toHaveLength(3)
    expect(socket.status.queued.messages).toBe(2)
  })

  it('that the server refuses rejects that promise, and nothing else', async () => {
    const { socket, clock, journal, log } = await told(
      {},
      {
        instead: ({ t, id, data }, connection) => {
          if (t !== 'msg' || data !== 'bad') return false
          send(connection, { t: 'err', id, code: 'invalid', message: 'No.', retry: 'never' })
          return true
        },
      },
    )
    const bad = socket.topic('a').send('bad')
    const good = socket.topic('a').send('good')
    await clock.advance(10)
    expect([bad.state, good.state]).toEqual(['rejected', 'acknowledged'])
    await expect(bad.delivered).rejects.toMatchObject({ code: 'ERR_REJECTED' })
    expect(journal).toEqual(['open'])
    expect(log.said('msg')).toHaveLength(2)
  })

  it('that the server wants later comes then, with everything behind it, in order', async () => {
    let busy = true
    const { socket, clock, log } = await told(
      {},
      {
        instead: ({ t, id }, connection) => {
          if (t !== 'msg' || !busy) return false
          send(connection, { t: 'err', id, code: 'rate', message: 'Slowly.', retry: 'later', afterMs: 3_000 })
          return true
        },
      },
    )
    const both = [socket.topic('a').send(1), socket.topic('a').send(2)]
    await clock.advance(10)
    busy = false
    const third = socket.topic('a').send(3)
    await clock.advance(2_900)
    expect(log.log('a').events).toEqual([])
    await clock.advance(200)
    expect([...both, third].map(({ state }) => state)).toEqual(['acknowledged', 'acknowledged', 'acknowledged'])
    expect(log.log('a').events.map(({ data }) => data)).toEqual([1, 2, 3])
  })

  it('that the server wants with fresh credentials asks for those, and goes when they were taken', async () => {
    let issued = 0
    const { socket, clock, log } = await told(
      { options: { auth: () => `t${++issued}` } },
      {
        instead: ({ t, id }, connection) => {
          if (t !== 'msg' || issued > 1) return false
          send(connection, { t: 'err', id, code: 'expired', message: '', retry: 'auth' })
          return true
        },
      },
    )
    await clock.advance(10)
    const message = socket.topic('a').send(1)
    await clock.advance(100)
    expect(log.said('auth')).toMatchObject([{ token: 't2' }])
    expect(message.state).toBe('acknowledged')
  })

  it('is not sent again when the server would not know it any more: only the app can find out', async () => {
    const { socket, clock, server, log } = await told({}, { ...silent, limits: { dedupeMs: 60_000 } })
    const message = socket.topic('a').send(1)
    await clock.advance(0)
    server.behaviour = connection => connection.refuse()
    server.open[0]?.reset()
    await clock.advance(59_000)
    expect(message.state).toBe('maybe-delivered')
    await clock.advance(2_000)
    server.behaviour = log.behaviour
    await clock.advance(60_000)
    expect(message.state).toBe('unknown')
    expect(log.said('msg')).toHaveLength(1)
    await expect(message.delivered).rejects.toMatchObject({ code: 'ERR_UNDELIVERED' })
  })

  it('is not sent again either when it has waited for so long behind one that the server did not take', async () => {
    const seen: unknown[] = []
    const { socket, clock } = await told(
      {},
      {
        limits: { dedupeMs: 60_000 },
        instead: ({ t, id }, connection) => {
          if (t !== 'msg') return false
          seen.push(id)
          if (seen.length > 3) return false
          if (seen.length === 3)
            send(connection, { t: 'err', id: seen[0], code: 'held', message: '', retry: 'later', afterMs: 70_000 })
          if (seen.length === 3) send(connection, { t: 'err', id: seen[2], code: 'held', message: '', retry: 'later' })
          return true
        },
      },
    )
    const [refused, open, behind] = [1, 2, 3].map(each => socket.topic('a').send(each))
    await clock.advance(1_000)
    expect([refused, open, behind].map(each => each?.state)).toEqual(['queued', 'maybe-delivered', 'queued'])
    await clock.advance(80_000)
    expect([refused, open, behind].map(each => each?.state)).toEqual(['acknowledged', 'unknown', 'acknowledged'])
    expect(seen).toHaveLength(5)
  })

  it('expires unsent, and never when it was sent', async () => {
    const { socket, clock, server, discards } = await told({}, silent)
    const sent = socket.topic('a').send(1, { ttlMs: 1_000 })
    server.behaviour = connection => connection.refuse()
    server.open[0]?.reset()
    await clock.advance(0)
    const waits = socket.topic('a').send(2, { ttlMs: 1_000 })
    await clock.advance(1_100)
    expect([sent.state, waits.state]).toEqual(['maybe-delivered', 'expired'])
    expect(discards).toMatchObject([{ why: 'expired', messages: 1 }])
  })

  it('is dropped where it is volatile and would have to wait', async () => {
    const { socket, clock, server } = await told()
    const sent = socket.topic('a').send(1, { volatile: true })
    expect(sent.state).toBe('sent')
    server.open[0]?.reset()
    await clock.advance(0)
    // It may have arrived; it is not sent again.
    expect(sent.state).toBe('unknown')
    expect(socket.topic('a').send(2, { volatile: true }).state).toBe('dropped')
    await clock.advance(250)
    expect(socket.status.queued.messages).toBe(0)
  })

  it('is taken back before it was sent, and not after', async () => {
    const { socket, clock, server, log } = await told()
    const sent = socket.topic('a').send(1)
    expect(sent.cancel()).toBe(false)
    server.open[0]?.reset()
    await clock.advance(0)
    const waits = socket.topic('a').send(2)
    expect([waits.cancel(), waits.state, waits.cancel()]).toEqual([true, 'cancelled', false])
    await clock.advance(5_000)
    expect(log.log('a').events.map(({ data }) => data)).toEqual([1])
  })

  it('is JSON, or bytes, copied now; what is neither throws', async () => {
    const { socket, clock, server } = await told({}, silent)
    const bytes = new Uint8Array([1, 2, 3])
    socket.topic('a').send(bytes)
    bytes[0] = 9
    socket.topic('a').send(new Blob(['blob']))
    socket.topic('a').send('after the blob')
    await clock.advance(100)
    const frames = server.open[0]?.received.slice(1) ?? []
    const [first, second, third] = frames
    expect(first instanceof Uint8Array && decodeBinary(first.slice().buffer)).toMatchObject([
      { t: 'msg', topic: 'a' },
      new Uint8Array([1, 2, 3]),
    ])
    expect(second instanceof Uint8Array && new TextDecoder().decode(decodeBinary(second.slice().buffer)[1])).toBe(
      'blob',
    )
    expect(third).toContain('"data":"after the blob"')
    const circle: { self?: unknown } = {}
    circle.self = circle
    for (const wrong of [circle, 5n, undefined, () => {}]) {
      expect(() => socket.topic('a').send(wrong)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
    }
  })

  it('has an unknown fate when the socket closes before the answer, and is dropped when it was never sent', async () => {
    const { socket, clock, server, discards } = await told({}, silent)
    const sent = socket.topic('a').send(1)
    server.open[0]?.reset()
    await clock.advance(0)
    const waits = socket.topic('a').send(2)
    socket.close()
    expect([sent.state, waits.state]).toEqual(['unknown', 'dropped'])
    expect(discards).toMatchObject([{ messages: 1, why: 'closed' }])
    await clock.advance(100_000)
    expect(clock.timers).toBe(0)
  })

  it('is bounded in bytes by the server and by the app', async () => {
    const { socket } = await told({ options: { outbox: { maxMessageBytes: 10 } } })
    expect(() => socket.topic('a').send('12345678901')).toThrow(
      expect.objectContaining({ code: 'ERR_MESSAGE_TOO_BIG' }),
    )
  })

  it('resolves `drained()` when the server has everything', async () => {
    const { socket, clock, server } = await told()
    const states: string[] = []
    server.open[0]?.reset()
    await clock.advance(0)
    const message = socket.topic('a').send(1)
    socket.drained().then(() => states.push(message.state))
    await clock.advance(5_000)
    expect(states).toEqual(['acknowledged'])
  })
})

describe('a topic or a session of the wrong kind', () => {
  it('throws an error that says what was expected', async () => {
    const { socket } = await told({ options: { session: session({ topic: null }) } })
    const wrong: readonly (() => unknown)[] = [
      () => socket.topic(''),
      () => socket.topic('x'.repeat(257)),
      () => Reflect.apply(socket.topic, socket, [5]),
      () => Reflect.apply(socket.topic('a').on, undefined, ['no function']),
      () => socket.topic('a').on(() => {}, { from: { epoch: 'e', seq: -1 } }),
      () => socket.send('no default topic', {}),
      () => socket.subscribe('key', { join: () => {} }),
      () => session({ topic: '' }),
      () => session({ schema: 1.5 }),
      () => Reflect.apply(session, undefined, [{ optonal: true }]),
      () => Reflect.apply(session, undefined, [{ storage: {} }]),
    ]
    for (const call of wrong) expect(call).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
  })
})
