import { describe, expect, it } from 'vitest'
import { accepts, closes, goesSilent, refuses, resets, sequence } from '../../src/testing/index.ts'
import { expectNothingLeft, openStory, story } from './story.ts'

describe('a lost connection', () => {
  it('is replaced, and the socket is CONNECTING in between, also inside the close listener', async () => {
    const { clock, server, socket, journal } = await openStory()
    const seen: number[] = []
    socket.onclose = () => seen.push(socket.readyState)
    server.latest.reset()
    await clock.advance(0)
    expect(seen).toEqual([0])
    expect(socket.readyState).toBe(0)
    await clock.advance(2_000)
    expect(socket.readyState).toBe(1)
    expect(journal).toEqual(['close 1006', 'open'])
  })

  it('tells the listener in how many ms the next dial comes, and that is when it comes', async () => {
    const { clock, server, closings, dialTimes } = await openStory({ seed: 11 })
    server.latest.reset()
    await clock.advance(60_000)
    expect(dialTimes()[1]).toBe(closings[0]?.retryInMs)
  })

  it('shows in the open event that it is not the first, and how many attempts it took', async () => {
    const opens: unknown[] = []
    const { clock, server, socket } = story({ behaviour: sequence(refuses(), accepts(), refuses(), accepts()) })
    socket.addEventListener('open', ({ reconnected, attempt }) => opens.push({ reconnected, attempt }))
    await clock.advance(20_000)
    server.latest.reset()
    await clock.advance(20_000)
    expect(opens).toEqual([
      { reconnected: false, attempt: 1 },
      { reconnected: true, attempt: 2 },
    ])
  })

  it.each([1000, 1001, 1005, 1011, 1012, 1013, 3999, 4000, 4999])('with code %s is replaced', async code => {
    const { clock, server, closings, socket } = await openStory()
    if (code === 1005) server.latest.close()
    else server.latest.close(code, 'why not')
    await clock.advance(60_000)
    expect(closings[0]).toMatchObject({
      code,
      reason: code === 1005 ? '' : 'why not',
      wasClean: true,
      willReconnect: true,
    })
    expect(socket.readyState).toBe(1)
  })

  it('keeps the binaryType', async () => {
    const { clock, server, socket } = await openStory()
    socket.binaryType = 'arraybuffer'
    const data: unknown[] = []
    socket.onmessage = event => data.push(event.data)
    server.latest.reset()
    await clock.advance(2_000)
    server.latest.send(new Uint8Array([1, 2]))
    await clock.advance(0)
    expect(socket.binaryType).toBe('arraybuffer')
    expect(data[0]).toBeInstanceOf(ArrayBuffer)
  })

  it('keeps the listeners, the handlers and what is not their own business', async () => {
    const { clock, server, socket } = await openStory()
    const heard: string[] = []
    socket.onmessage = () => heard.push('handler')
    socket.addEventListener('message', () => heard.push('listener'))
    for (let loss = 0; loss < 3; loss++) {
      server.latest.reset()
      await clock.advance(20_000)
    }
    server.latest.send('x')
    await clock.advance(0)
    expect(heard).toEqual(['handler', 'listener'])
  })

  it('shows the subprotocol of the connection at hand', async () => {
    const { clock, server, socket } = story({
      protocols: ['v2', 'v1'],
      behaviour: sequence(
        connection => connection.accept('v1'),
        connection => connection.accept('v2'),
      ),
    })
    await clock.advance(0)
    expect(socket.protocol).toBe('v1')
    server.latest.reset()
    await clock.advance(2_000)
    expect(socket.protocol).toBe('v2')
    expect(server.dials.map(({ protocols }) => protocols)).toEqual([
      ['v2', 'v1'],
      ['v2', 'v1'],
    ])
  })
})

describe('a subprotocol that the server does not select', () => {
  it('leaves the socket open with none, as Firefox does', async () => {
    const { clock, socket, journal } = story({ protocols: 'v1', behaviour: connection => connection.accept('') })
    await clock.advance(0)
    expect([socket.protocol, journal]).toEqual(['', ['open']])
  })

  it('is a failed dial where the platform fails it, as Chromium does', async () => {
    const { clock, journal } = story({ protocols: 'v1', behaviour: refuses() })
    await clock.advance(0)
    expect(journal).toEqual(['error', 'close 1006'])
  })
})

describe('a connection that was given up', () => {
  it('is not waited for: the next one is dialled while its close is still under way', async () => {
    const { clock, server, socket, journal } = await openStory({ behaviour: sequence(goesSilent(), accepts()) })
    await clock.advance(10)
    socket.reconnect()
    await clock.advance(0)
    expect(server.dials).toHaveLength(2)
    expect(socket.readyState).toBe(1)
    expect(journal).toEqual(['close 1006', 'open'])
  })

  it('changes nothing with what it still has to say', async () => {
    const told = await openStory({ behaviour: sequence(goesSilent(), accepts()) })
    const { clock, server, socket, journal, statuses } = told
    await clock.advance(10)
    socket.reconnect()
    server.connections[0]?.reset()
    await clock.advance(0)
    const before = { journal: [...journal], statuses: statuses.length, status: socket.status }
    await clock.advance(9_000)
    expect({ journal, statuses: statuses.length, status: socket.status }).toEqual(before)
    await clock.advance(120_000)
    expect(journal).toEqual(['close 1006', 'open'])
    await expectNothingLeft(told)
  })

  it('delivers no message any more', async () => {
    const { clock, server, socket, journal } = await openStory()
    server.latest.send('late')
    socket.reconnect()
    await clock.advance(0)
    expect(journal).toEqual(['close 1006', 'open'])
  })
})

describe('`maxAttempts`', () => {
  it('ends the life with the attempt that exceeds it, and says so', async () => {
    const { clock, server, socket, journal, closings } = story({ behaviour: refuses(), options: { maxAttempts: 2 } })
    await clock.advance(600_000)
    expect(server.dials).toHaveLength(3)
    expect(journal).toEqual(['error', 'close 1006', 'error', 'close 1006', 'error', 'close 1006, final'])
    expect(closings[2]?.disconnect.next).toEqual({ type: 'stop', by: 'attempts' })
    expect(socket.readyState).toBe(3)
    expect(clock.timers).toBe(0)
  })

  it('counts from the last stable connection', async () => {
    const { clock, server, socket } = story({ behaviour: resets({ afterMs: 10_000 }), options: { maxAttempts: 1 } })
    await clock.advance(600_000)
    expect(server.dials.length).toBeGreaterThan(40)
    server.behaviour = closes()
    await clock.advance(60_000)
    expect(socket.readyState).toBe(3)
  })

  it('0 dials once', async () => {
    const { clock, server, journal } = story({ behaviour: closes({ code: 1001 }), options: { maxAttempts: 0 } })
    await clock.advance(600_000)
    expect(server.dials).toHaveLength(1)
    expect(journal).toEqual(['open', 'close 1001, final'])
  })

  it('holds however often the network hints that a dial might work', async () => {
    const { clock, page, server, socket } = story({ behaviour: refuses(), options: { maxAttempts: 3 } })
    for (let flap = 0; flap < 100; flap++) {
      page.say('offline')
      page.say('online')
      await clock.advance(1_000)
    }
    expect(server.dials).toHaveLength(4)
    expect(socket.readyState).toBe(3)
  })

  it('is no obstacle to a manual reconnect() after giving up', async () => {
    const { clock, server, socket, journal } = story({ behaviour: refuses(), options: { maxAttempts: 0 } })
    await clock.advance(10_000)
    server.behaviour = accepts()
    socket.reconnect()
    expect(socket.readyState).toBe(0)
    await clock.advance(0)
    expect(journal).toEqual(['error', 'close 1006, final', 'open'])
  })
})

describe('`reconnect: false`', () => {
  it.each([
    ['refused', refuses(), ['error', 'close 1006, final']],
    ['dropped', resets(), ['open', 'close 1006, final']],
    ['closed by the server', closes({ code: 1012 }), ['open', 'close 1012, final']],
  ])('is exactly one connection, also when it is %s', async (_, behaviour, events) => {
    const { clock, server, socket, page, journal } = story({ behaviour, options: { reconnect: false } })
    expect(page.listening).toBe(0)
    await clock.advance(600_000)
    expect(server.dials).toHaveLength(1)
    expect(journal).toEqual(events)
    expect(socket.readyState).toBe(3)
    expect(clock.timers).toBe(0)
  })

  it('has the readyState of the platform inside the listeners', async () => {
    const { clock, server, socket } = story({ options: { reconnect: false } })
    const seen: string[] = []
    for (const type of ['open', 'error', 'close'] as const) {
      socket.addEventListener(type, () => seen.push(`${type} ${socket.readyState}`))
    }
    await clock.advance(0)
    server.latest.breakProtocol()
    await clock.advance(0)
    expect(seen).toEqual(['open 1', 'error 3', 'close 3'])
  })
})
