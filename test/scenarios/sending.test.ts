import { describe, expect, it } from 'vitest'
import { ResilientError } from '../../src/index.ts'
import { accepts, echoes, hangs, refuses, scriptedServer, sequence, virtualClock } from '../../src/testing/index.ts'
import { openStory, story } from './story.ts'

function thrownBy(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  return undefined
}

describe('send() while nothing is open', () => {
  it('queues, and delivers in order once the socket is open', async () => {
    const { clock, server, socket } = story()
    for (const message of ['a', 'b', 'c']) socket.send(message)
    expect(server.received).toEqual([])
    await clock.advance(0)
    expect(server.received).toEqual(['a', 'b', 'c'])
  })

  it('keeps the queue across failed dials: nothing is thrown away or doubled', async () => {
    const { clock, server, socket } = story({ behaviour: sequence(refuses(), hangs(), refuses(), accepts()) })
    socket.send('early')
    await clock.advance(3_000)
    socket.send('later')
    await clock.advance(60_000)
    expect(server.received).toEqual(['early', 'later'])
  })

  it('queues between connections and inside a close listener', async () => {
    const { clock, server, socket } = await openStory()
    socket.onclose = () => socket.send('in the listener')
    server.latest.reset()
    await clock.advance(1_000)
    socket.send('in between')
    await clock.advance(1_000)
    expect(server.latest.received).toEqual(['in the listener', 'in between'])
  })

  it('copies buffers and views, so what happens to them later does not matter', async () => {
    const { clock, server, socket } = story()
    const bytes = new Uint8Array([1, 2, 3, 4])
    socket.send(bytes.buffer)
    socket.send(bytes.subarray(1, 3))
    socket.send(new DataView(bytes.buffer, 3))
    bytes.fill(9)
    await clock.advance(0)
    expect(server.received).toEqual([new Uint8Array([1, 2, 3, 4]), new Uint8Array([2, 3]), new Uint8Array([4])])
  })

  it('turns everything else into a string when it is called, as the platform does', async () => {
    const { clock, server, socket } = story()
    const changing = { toString: () => 'first' }
    const send: (data: unknown) => void = data => Reflect.apply(socket.send, socket, [data])
    for (const value of [changing, 12, null, undefined, true, ['a', 'b']]) send(value)
    changing.toString = () => 'second'
    await clock.advance(0)
    expect(server.received).toEqual(['first', '12', 'null', 'undefined', 'true', 'a,b'])
  })

  it('queues blobs as they are', async () => {
    const { clock, server, socket } = story()
    const blob = new Blob(['abc'])
    socket.send(blob)
    expect(socket.bufferedAmount).toBe(3)
    await clock.advance(0)
    expect(server.received).toEqual([blob])
  })

  it('without an argument is a TypeError, and queues nothing', () => {
    const { socket } = story()
    expect(() => Reflect.apply(socket.send, socket, [])).toThrow(TypeError)
    expect(socket.bufferedAmount).toBe(0)
  })
})

describe('bufferedAmount', () => {
  it("of '€€' is 6 bytes, in the outbox and on the wire", async () => {
    const { clock, socket } = story()
    socket.send('€€')
    expect(socket.bufferedAmount).toBe(6)
    await clock.advance(0)
    expect(socket.bufferedAmount).toBe(0)
    socket.send('€€')
    expect(socket.bufferedAmount).toBe(6)
    await clock.advance(0)
    expect(socket.bufferedAmount).toBe(0)
  })

  it('counts an emoji, a lone surrogate, a buffer and a view as the bytes they become', () => {
    const { socket } = story()
    const sizes = ['👍', '\ud800', new ArrayBuffer(5), new Uint16Array(3), new Blob(['1234567'])].map(data => {
      const before = socket.bufferedAmount
      socket.send(data)
      return socket.bufferedAmount - before
    })
    expect(sizes).toEqual([4, 3, 5, 6, 7])
  })
})

describe('the outbox', () => {
  it('throws when it holds as many messages as it may, names the bound, and keeps what it has', async () => {
    const { clock, server, socket } = story({ options: { outbox: { maxMessages: 2 } } })
    socket.send('a')
    socket.send('b')
    const error = thrownBy(() => socket.send('c'))
    expect(error).toBeInstanceOf(ResilientError)
    expect(error).toMatchObject({ code: 'ERR_OUTBOX_FULL', message: expect.stringContaining('maxMessages') })
    await clock.advance(0)
    expect(server.received).toEqual(['a', 'b'])
  })

  it('throws when the bytes would be too many, counted in UTF-8', () => {
    const { socket } = story({ options: { outbox: { maxBytes: 7 } } })
    socket.send('€€')
    expect(thrownBy(() => socket.send('ab'))).toMatchObject({
      code: 'ERR_OUTBOX_FULL',
      message: expect.stringContaining('maxBytes'),
    })
    socket.send('a')
    expect(socket.bufferedAmount).toBe(7)
  })

  it('holds 1,000 messages and 1 MiB unless the app says otherwise', () => {
    const many = story().socket
    for (let message = 0; message < 1_000; message++) many.send('')
    expect(thrownBy(() => many.send(''))).toMatchObject({ code: 'ERR_OUTBOX_FULL' })
    const big = story().socket
    big.send(new ArrayBuffer(1_048_576))
    big.send('')
    expect(thrownBy(() => big.send('x'))).toMatchObject({ code: 'ERR_OUTBOX_FULL' })
  })

  it('has room again once it was flushed', async () => {
    const { clock, server, socket } = story({ options: { outbox: { maxMessages: 1 } } })
    socket.send('a')
    await clock.advance(0)
    server.latest.reset()
    await clock.advance(0)
    socket.send('b')
    await clock.advance(2_000)
    expect(server.received).toEqual(['a', 'b'])
  })

  it('does not stand in the way of an open connection', async () => {
    const { clock, server, socket } = await openStory({ options: { outbox: { maxMessages: 0, maxBytes: 0 } } })
    socket.send('x')
    await clock.advance(0)
    expect(server.received).toEqual(['x'])
  })

  it('that is off makes send() throw InvalidStateError while connecting, as the platform does', async () => {
    const { clock, server, socket } = story({ options: { outbox: false } })
    expect(thrownBy(() => socket.send('x'))).toMatchObject({ name: 'InvalidStateError' })
    await clock.advance(0)
    socket.send('x')
    await clock.advance(0)
    server.latest.reset()
    await clock.advance(0)
    expect(thrownBy(() => socket.send('y'))).toMatchObject({ name: 'InvalidStateError' })
    expect(socket.bufferedAmount).toBe(0)
  })
})

describe('the flush', () => {
  it('comes after `open`, and what an open listener sends goes first: auth before data', async () => {
    const { clock, server, socket } = story()
    socket.send('data')
    socket.onopen = () => socket.send('auth')
    socket.addEventListener('open', () => socket.send('subscribe'))
    await clock.advance(0)
    expect(server.received).toEqual(['auth', 'subscribe', 'data'])
  })

  it('does the same on every connection', async () => {
    const { clock, server, socket } = story()
    socket.onopen = () => socket.send('auth')
    await clock.advance(0)
    server.latest.reset()
    await clock.advance(0)
    socket.send('data')
    await clock.advance(2_000)
    expect(server.latest.received).toEqual(['auth', 'data'])
  })

  it('does not happen when an open listener closes the socket', async () => {
    const { clock, server, socket, discards } = story()
    socket.send('data')
    socket.onopen = () => socket.close()
    await clock.advance(60_000)
    expect(server.received).toEqual([])
    expect(discards).toEqual([{ messages: 1, bytes: 4, why: 'closed' }])
  })

  it('waits for the next connection when an open listener calls reconnect()', async () => {
    const { clock, server, socket } = story()
    socket.send('data')
    let opened = 0
    socket.onopen = () => {
      opened++
      if (opened > 1) return
      socket.reconnect()
      socket.send('more')
    }
    await clock.advance(1_000)
    expect(opened).toBe(2)
    expect(server.connections.map(({ received }) => received)).toEqual([[], ['data', 'more']])
  })

  it('neither loops nor sends again when the connection closes in the middle of it', async () => {
    const clock = virtualClock()
    const server = scriptedServer(echoes(), { clock })
    let sends = 0
    class ClosesOnSend extends server.WebSocket {
      override send(data: string): void {
        super.send(data)
        if (++sends === 2) this.close()
      }
    }
    const { socket } = story({ options: { WebSocket: ClosesOnSend, clock } })
    for (const message of ['a', 'b', 'c', 'd']) socket.send(message)
    await clock.advance(10_000)
    expect(server.connections.map(({ received }) => received)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
  })

  it('reports a message that the connection refuses, and sends the others once', async () => {
    const clock = virtualClock()
    const server = scriptedServer(accepts(), { clock })
    const cause = new Error('too big')
    class RefusesOne extends server.WebSocket {
      override send(data: string): void {
        if (data === 'b') throw cause
        super.send(data)
      }
    }
    const { socket, problems } = story({ options: { WebSocket: RefusesOne, clock } })
    for (const message of ['a', 'b', 'c']) socket.send(message)
    await clock.advance(10_000)
    expect(server.received).toEqual(['a', 'c'])
    expect(problems.map(({ code }) => code)).toEqual(['ERR_SEND'])
    expect(problems[0]?.cause).toBe(cause)
  })
})

describe('send() on an open connection', () => {
  it('goes straight to the wire, in order, and leaves the copying to the platform', async () => {
    const { clock, server, socket } = await openStory()
    const bytes = new Uint8Array([1, 2])
    socket.send('a')
    socket.send(bytes)
    bytes.fill(9)
    socket.send('c')
    await clock.advance(0)
    expect(server.received).toEqual(['a', new Uint8Array([1, 2]), 'c'])
  })
})
