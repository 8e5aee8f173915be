import {
  accepts,
  type Behaviour,
  closes,
  goesSilent,
  hangs,
  scriptedServer,
  sequence,
  virtualClock,
} from 'holdfast/testing'
import { describe, expect, it } from 'vitest'
import { type LendOptions, lend } from './lend.ts'

const ADDRESS = 'wss://api.example.com/live'

function setUp(behaviour: Behaviour = accepts(), options: LendOptions = {}) {
  const clock = virtualClock({ rolls: [0.5] })
  const server = scriptedServer(behaviour, { clock })
  const live = lend({ clock, WebSocket: server.WebSocket, ...options })
  /** What a client makes, and what it hears of it. */
  function open(url = ADDRESS) {
    const events: string[] = []
    const socket = new live.WebSocket(url, 'v1')
    socket.onopen = () => events.push('open')
    socket.onmessage = ({ data }) => events.push(`message ${data}`)
    socket.onerror = () => events.push('error')
    socket.onclose = ({ code, reason, wasClean }) => events.push(`close ${code} ${reason} ${wasClean}`)
    return { socket, events }
  }
  const dials = () => server.dials.map(({ at, url }) => [at, url])
  return { clock, server, live, open, dials }
}

describe('a socket that is lent', () => {
  it('is one connection, from `new` to `close`, as the platform has it', async () => {
    const { clock, server, open } = setUp()
    const { socket, events } = open()
    expect([socket.readyState, socket.protocol]).toEqual([socket.CONNECTING, ''])
    expect(() => socket.send('too early')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }))
    await clock.advance(100)
    expect([socket.readyState, socket.protocol]).toEqual([socket.OPEN, 'v1'])
    socket.send('hello')
    server.latest.send('welcome')
    await clock.advance(100)
    server.latest.close(1012, 'restart')
    await clock.advance(100)
    expect(socket.readyState).toBe(socket.CLOSED)
    socket.send('too late')
    expect(events).toEqual(['open', 'message welcome', 'close 1012 restart true'])
    await clock.advance(60_000)
    expect(server.received).toEqual(['hello'])
  })

  it('hears binary messages as its own client wants them', async () => {
    const { clock, server, open } = setUp()
    const kinds: string[] = []
    const hear = ({ data }: MessageEvent): unknown => kinds.push(data.constructor.name)
    const first = open()
    first.socket.binaryType = 'arraybuffer'
    first.socket.addEventListener('message', hear)
    await clock.advance(100)
    server.latest.send(Uint8Array.of(1))
    server.latest.close(1012)
    await clock.advance(100)
    open().socket.addEventListener('message', hear)
    await clock.advance(4_000)
    server.latest.send(Uint8Array.of(1))
    await clock.advance(100)
    expect(kinds).toEqual(['ArrayBuffer', 'Blob'])
  })

  it('says `error` before `close` when it never opened, for clients that listen to nothing else', async () => {
    const { clock, open } = setUp(hangs())
    const { socket, events } = open()
    await clock.advance(100)
    socket.close()
    await clock.advance(100)
    expect(events).toEqual(['error', 'close 1006  false'])
  })

  it('refuses a close code that the platform refuses, and stays open', async () => {
    const { clock, open } = setUp()
    const { socket } = open()
    await clock.advance(100)
    expect(() => socket.close(1001)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }))
    expect(socket.readyState).toBe(socket.OPEN)
  })

  it('is closed with 1006 as soon as Holdfast knows that the line is dead', async () => {
    const { clock, open } = setUp(goesSilent(), { heartbeat: { judge: () => ({ type: 'dead' }) } })
    const { events } = open()
    await clock.advance(100)
    expect(events).toEqual(['open', 'close 1006  false'])
  })
})

describe('the next one that the client makes', () => {
  it('waits for the backoff of Holdfast, and is dialled at its own address', async () => {
    const { clock, open, dials } = setUp(sequence(closes({ code: 1012 }), accepts()))
    open('wss://api.example.com/live?token=1')
    await clock.advance(100)
    const { socket, events } = open('wss://api.example.com/live?token=2')
    await clock.advance(1_800)
    expect(socket.readyState).toBe(socket.CONNECTING)
    await clock.advance(200)
    expect(events).toEqual(['open'])
    expect(dials()).toEqual([
      [0, 'wss://api.example.com/live?token=1'],
      [2_000, 'wss://api.example.com/live?token=2'],
    ])
  })

  it('may come later than the backoff', async () => {
    const { clock, open, dials } = setUp(sequence(closes({ code: 1012 }), accepts()))
    open()
    await clock.advance(6_000)
    expect(dials()).toHaveLength(1)
    const { events } = open()
    await clock.advance(100)
    expect(events).toEqual(['open'])
  })

  it('is not waited for longer than a dial may take', async () => {
    const { clock, live, open, dials } = setUp(sequence(closes({ code: 1012 }), accepts()))
    open()
    await clock.advance(60_000)
    expect([live.socket.status.state, dials().length]).toEqual(['closed', 1])
    open()
    await clock.advance(100)
    expect([live.socket.status.state, dials().length]).toEqual(['open', 2])
  })

  it('is dialled at once where the client had closed the one before, whose close is not waited for', async () => {
    const { clock, open } = setUp(sequence(goesSilent(), accepts()))
    const first = open()
    await clock.advance(20_000)
    first.socket.close()
    const second = open()
    await clock.advance(100)
    expect([first.events, second.events]).toEqual([['open', 'close 1006  false'], ['open']])
  })

  it('has a socket of its own while the one before is open, so that a client may move over', async () => {
    const { clock, server, live, open, dials } = setUp()
    const first = open()
    await clock.advance(100)
    const second = open()
    await clock.advance(100)
    expect(server.open).toHaveLength(2)
    first.socket.close(1000)
    await clock.advance(100)
    expect([server.open.length, first.events, second.events]).toEqual([1, ['open', 'close 1000  true'], ['open']])
    // The line that is left is the one that goes on.
    server.latest.close(1012)
    await clock.advance(100)
    open()
    await clock.advance(4_000)
    expect([dials().length, live.socket.status.state]).toEqual([3, 'open'])
  })

  it('is not dialled after a terminal close, however many the client makes, until the app says so', async () => {
    const { clock, live, open, dials } = setUp(sequence(closes({ code: 4403 }), accepts()))
    open()
    await clock.advance(100)
    const given = open()
    given.socket.close()
    const { socket, events } = open()
    await clock.advance(3_600_000)
    expect(given.events).toEqual(['error', 'close 1006  false'])
    expect([dials().length, live.socket.status.state, socket.readyState]).toEqual([1, 'closed', socket.CONNECTING])
    live.socket.reconnect()
    await clock.advance(100)
    expect(events).toEqual(['open'])
  })

  it('obeys the dial guard, even of a client that closes and begins anew all the time', async () => {
    const { clock, open, dials } = setUp()
    for (let n = 0; n < 100; n += 1) {
      const { socket } = open()
      await clock.advance(100)
      socket.close()
    }
    expect(dials().length).toBeLessThanOrEqual(6)
  })
})
