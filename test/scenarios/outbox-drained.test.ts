import { describe, expect, it } from 'vitest'
import { accepts, hangs, scriptedServer, virtualClock } from '../../src/testing/index.ts'
import { codeOf } from './hooked.ts'
import { expectNothingLeft, openStory, story } from './story.ts'

/** Follows a promise: `waits`, `resolved`, or the code of what it was rejected with. */
function follow(promise: Promise<void>): () => unknown {
  let state: unknown = 'waits'
  codeOf(promise).then(code => {
    state = code ?? 'resolved'
  })
  return () => state
}

describe('drained()', () => {
  it('resolves at once when nothing waits', async () => {
    const { clock, socket } = await openStory()
    expect(await codeOf(socket.drained())).toBeUndefined()
    expect(clock.timers).toBe(1)
  })

  it('resolves when the outbox is empty and everything is written, and not before', async () => {
    const { clock, socket, buffer } = slowly()
    socket.send('a')
    const drained = follow(socket.drained())
    await clock.advance(9_000)
    expect(drained()).toBe('waits')
    await clock.advance(1_000)
    expect([socket.readyState, drained()]).toEqual([1, 'waits'])
    await clock.advance(5_000)
    expect(drained()).toBe('waits')
    buffer.bytes = 1
    await clock.advance(5_000)
    expect(drained()).toBe('waits')
    buffer.bytes = 0
    await clock.advance(50)
    expect(drained()).toBe('resolved')
  })

  /** A socket that opens after 10 s, and a network that takes what the test says. */
  function slowly() {
    const clock = virtualClock({ rolls: [0.5] })
    const server = scriptedServer(accepts({ afterMs: 10_000 }), { clock })
    const buffer = { bytes: 5_000 }
    class Slow extends server.WebSocket {
      override get bufferedAmount(): number {
        return this.readyState === 1 ? buffer.bytes : 0
      }
    }
    const { socket } = story({ options: { WebSocket: Slow, clock, connectTimeoutMs: 60_000 } })
    return { clock, socket, buffer }
  }

  it('looks at the network only while somebody waits, with the one timer there is, and then no more', async () => {
    const { clock, socket, buffer } = slowly()
    await clock.advance(30_000)
    expect(clock.timers).toBe(0)
    const all = [follow(socket.drained()), follow(socket.drained())]
    await clock.advance(1_000)
    expect([clock.timers, clock.nextAt - clock.now() <= 50]).toEqual([1, true])
    buffer.bytes = 0
    await clock.advance(50)
    expect([clock.timers, ...all.map(state => state())]).toEqual([0, 'resolved', 'resolved'])
  })

  it('does not look at anything while the outbox waits for a connection', async () => {
    const { clock, socket } = story({ behaviour: hangs(), options: { connectTimeoutMs: 60_000 } })
    socket.send('a')
    const drained = follow(socket.drained())
    await clock.advance(300)
    expect(clock.nextAt).toBe(60_000)
    expect(drained()).toBe('waits')
  })

  it('does not look at a connection that is gone, whatever was left in it', async () => {
    const { clock, server, socket } = await openStory()
    socket.send('lost on its way')
    server.latest.reset()
    await clock.advance(0)
    socket.send('a')
    const drained = follow(socket.drained())
    await clock.advance(300)
    expect([clock.nextAt, drained()]).toEqual([2_000, 'waits'])
  })

  it('resolves when what waited was taken back, or has expired', async () => {
    const { clock, socket } = story({ behaviour: hangs() })
    const message = socket.send('a', {})
    const first = follow(socket.drained())
    message.cancel()
    await clock.advance(0)
    expect(first()).toBe('resolved')
    socket.send('b', { ttlMs: 100 })
    const second = follow(socket.drained())
    await clock.advance(99)
    expect(second()).toBe('waits')
    await clock.advance(1)
    expect(second()).toBe('resolved')
  })

  it('holds through a reconnect', async () => {
    const { clock, server, socket } = await openStory()
    server.latest.reset()
    await clock.advance(0)
    socket.send('a')
    const drained = follow(socket.drained())
    await clock.advance(1_999)
    expect(drained()).toBe('waits')
    await clock.advance(100)
    expect([server.latest.received, drained()]).toEqual([['a'], 'resolved'])
  })

  it.each([
    ['close()', 'closes'],
    ['a policy that stops', 'stops'],
  ] as const)('rejects with ERR_CLOSED when %s ends it, and leaves no timer', async (_, how) => {
    const told = story({ behaviour: hangs(), options: { closePolicy: () => 'stop' } })
    const { clock, socket, server } = told
    socket.send('a')
    const drained = follow(socket.drained())
    await clock.advance(10)
    if (how === 'closes') socket.close()
    else server.latest.refuse()
    await clock.advance(0)
    expect(drained()).toBe('ERR_CLOSED')
    expect(await codeOf(socket.drained())).toBe('ERR_CLOSED')
    await expectNothingLeft(told)
  })

  it('rejects before anything was started', async () => {
    const { socket } = story({ options: { startClosed: true } })
    expect(await codeOf(socket.drained())).toBe('ERR_CLOSED')
  })

  it('is good for back-pressure: nothing is lost and nothing overflows', async () => {
    const { clock, server, socket } = story({ options: { outbox: { maxMessages: 1 } } })
    const sending = (async () => {
      for (let message = 0; message < 50; message++) {
        await socket.drained()
        socket.send(`${message}`)
      }
    })()
    for (let round = 0; round < 60; round++) {
      await clock.advance(100)
      if (round % 20 === 10 && server.latest.state === 'open') server.latest.reset()
    }
    await clock.advance(60_000)
    await sending
    await clock.advance(0)
    expect(server.received.map(Number)).toEqual(Array.from({ length: 50 }, (_, index) => index))
    expect(server.dials.length).toBeGreaterThan(2)
  })
})
