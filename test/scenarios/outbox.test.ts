import { describe, expect, it } from 'vitest'
import { accepts, hangs, refuses, sequence } from '../../src/testing/index.ts'
import { thrownBy } from './hooked.ts'
import { openStory, story } from './story.ts'

const MEGABYTE = 1_048_576

describe('a full outbox', () => {
  it('makes send() throw unless the app chose otherwise, and keeps what it has', async () => {
    const { clock, server, socket, discards } = story({ options: { outbox: { maxMessages: 2, overflow: 'throw' } } })
    socket.send('a')
    socket.send('b', {})
    expect(thrownBy(() => socket.send('c'))).toMatchObject({ code: 'ERR_OUTBOX_FULL' })
    expect(thrownBy(() => socket.send('d', {}))).toMatchObject({ code: 'ERR_OUTBOX_FULL' })
    await clock.advance(0)
    expect([server.received, discards]).toEqual([['a', 'b'], []])
  })

  it('that drops the oldest makes room for the newest, in order, and says what went', async () => {
    const { clock, server, socket, discards } = story({
      options: { outbox: { maxMessages: 2, overflow: 'drop-oldest' } },
    })
    for (const message of ['a', 'bb', 'ccc', 'dddd']) socket.send(message)
    expect(discards).toEqual([
      { messages: 1, bytes: 1, why: 'overflow' },
      { messages: 1, bytes: 2, why: 'overflow' },
    ])
    await clock.advance(0)
    expect(server.received).toEqual(['ccc', 'dddd'])
  })

  it('that drops the oldest drops as many as it takes, and tells it once', async () => {
    const { clock, server, socket, discards } = story({ options: { outbox: { maxBytes: 5, overflow: 'drop-oldest' } } })
    for (const message of ['a', 'b', 'c', 'd', '€', 'e']) socket.send(message)
    expect(discards).toEqual([
      { messages: 2, bytes: 2, why: 'overflow' },
      { messages: 1, bytes: 1, why: 'overflow' },
    ])
    expect(socket.bufferedAmount).toBe(5)
    await clock.advance(0)
    expect(server.received).toEqual(['d', '€', 'e'])
  })

  it('that drops the newest keeps what it has, and says what went', async () => {
    const { clock, server, socket, discards } = story({
      options: { outbox: { maxMessages: 2, overflow: 'drop-newest' } },
    })
    for (const message of ['a', 'bb', 'ccc', 'dddd']) socket.send(message)
    expect(discards).toEqual([
      { messages: 1, bytes: 3, why: 'overflow' },
      { messages: 1, bytes: 4, why: 'overflow' },
    ])
    await clock.advance(0)
    expect(server.received).toEqual(['a', 'bb'])
  })

  it('is not emptied by a message that could not fit even then', async () => {
    const { clock, server, socket, discards } = story({ options: { outbox: { overflow: 'drop-oldest' } } })
    for (const message of ['a', 'b', 'c']) socket.send(message)
    const big = socket.send(new ArrayBuffer(MEGABYTE + 1), {})
    expect(big.state).toBe('dropped')
    expect(discards).toEqual([{ messages: 1, bytes: MEGABYTE + 1, why: 'overflow' }])
    await clock.advance(0)
    expect(server.received).toEqual(['a', 'b', 'c'])
  })

  it('that may hold nothing drops what comes, whichever the policy', () => {
    for (const overflow of ['drop-oldest', 'drop-newest'] as const) {
      const { socket, discards } = story({ options: { outbox: { maxMessages: 0, overflow } } })
      expect(socket.send('a', {}).state).toBe('dropped')
      expect([discards, socket.bufferedAmount]).toEqual([[{ messages: 1, bytes: 1, why: 'overflow' }], 0])
    }
  })

  it('tells the handle of the one that went, and not the others', () => {
    const { socket } = story({ options: { outbox: { maxMessages: 2, overflow: 'drop-oldest' } } })
    const handles = ['a', 'b', 'c'].map(message => socket.send(message, {}))
    expect(handles.map(({ state }) => state)).toEqual(['dropped', 'queued', 'queued'])
  })

  it('survives an app that sends when it hears of it', async () => {
    const { clock, server, socket, discards } = story({
      options: { outbox: { maxMessages: 2, overflow: 'drop-oldest' } },
    })
    let told = 0
    socket.on('discard', () => {
      if (++told < 3) socket.send('something was lost')
    })
    for (const message of ['a', 'b', 'c']) socket.send(message)
    expect(discards.map(({ messages }) => messages)).toEqual([1, 1, 1])
    await clock.advance(0)
    expect(server.received).toEqual(['something was lost', 'something was lost'])
  })
})

describe('a volatile message', () => {
  it('is sent at once where that is possible', async () => {
    const { clock, server, socket, discards } = await openStory()
    expect(socket.send('typing', { volatile: true }).state).toBe('sent')
    await clock.advance(0)
    expect([server.received, discards]).toEqual([['typing'], []])
  })

  it('is dropped while nothing is open, and the app can hear of it', async () => {
    const { clock, server, socket, discards } = story()
    socket.send('kept')
    const typing = socket.send('typing€', { volatile: true })
    expect([typing.state, typing.cancel()]).toEqual(['dropped', false])
    await clock.advance(0)
    expect([server.received, discards]).toEqual([['kept'], [{ messages: 1, bytes: 9, why: 'volatile' }]])
  })

  it('is dropped behind more than 64 KiB that wait to be written, and not behind 64 KiB', async () => {
    const { clock, server, socket, discards } = await openStory()
    socket.send('x'.repeat(65_536))
    expect(socket.send('first', { volatile: true }).state).toBe('sent')
    expect(socket.send('second', { volatile: true }).state).toBe('dropped')
    expect(discards).toEqual([{ messages: 1, bytes: 6, why: 'volatile' }])
    await clock.advance(0)
    expect(socket.send('third', { volatile: true }).state).toBe('sent')
    await clock.advance(0)
    expect(server.received.slice(1)).toEqual(['first', 'third'])
  })

  it('is dropped even where there is no outbox, rather than an error', () => {
    const { socket } = story({ options: { outbox: false } })
    expect(socket.send('typing', { volatile: true }).state).toBe('dropped')
    expect(thrownBy(() => socket.send('x', { volatile: false }))).toMatchObject({ name: 'InvalidStateError' })
  })
})

describe('a message that may only wait so long', () => {
  it('is discarded at exactly that time, with an event and in the status', async () => {
    const { clock, socket, discards, statuses } = story({ behaviour: hangs() })
    const message = socket.send('stale', { ttlMs: 3_000 })
    await clock.advance(2_999)
    expect([message.state, socket.status.queued.messages, discards]).toEqual(['queued', 1, []])
    await clock.advance(1)
    expect([message.state, message.cancel()]).toEqual(['expired', false])
    expect(discards).toEqual([{ messages: 1, bytes: 5, why: 'expired' }])
    expect(statuses.at(-1)?.queued).toEqual({ messages: 0, bytes: 0 })
    expect([socket.status.queued, socket.bufferedAmount]).toEqual([{ messages: 0, bytes: 0 }, 0])
  })

  it('is discarded where nobody listens too, without a timer left', async () => {
    const { clock, server, socket } = story({ behaviour: sequence(refuses(), accepts()), rolls: [0.9] })
    const message = socket.send('stale', { ttlMs: 1_000 })
    await clock.advance(1_000)
    expect(message.state).toBe('expired')
    await clock.advance(60_000)
    expect([server.received, clock.timers]).toEqual([[], 0])
  })

  it('is sent when a connection comes in time', async () => {
    const { clock, server, socket, discards } = story({ behaviour: accepts({ afterMs: 2_999 }) })
    const message = socket.send('fresh', { ttlMs: 3_000 })
    await clock.advance(10_000)
    expect([server.received, message.state, discards]).toEqual([['fresh'], 'sent', []])
  })

  it('is not sent when the connection comes at that very moment', async () => {
    const { clock, server, socket } = story({ behaviour: accepts({ afterMs: 3_000 }) })
    const message = socket.send('stale', { ttlMs: 3_000 })
    await clock.advance(10_000)
    expect([server.received, message.state]).toEqual([[], 'expired'])
  })

  it('goes alone: the others keep their order', async () => {
    const { clock, server, socket, discards } = story({ behaviour: accepts({ afterMs: 5_000 }) })
    socket.send('a')
    socket.send('b', { ttlMs: 1_000 })
    socket.send('c', { ttlMs: 9_000 })
    socket.send('d', { ttlMs: 1_000 })
    socket.send('e')
    await clock.advance(10_000)
    expect(server.received).toEqual(['a', 'c', 'e'])
    expect(discards).toEqual([{ messages: 2, bytes: 2, why: 'expired' }])
  })

  it('may be every message, or all but one', async () => {
    const { clock, server, socket } = story({
      behaviour: accepts({ afterMs: 5_000 }),
      options: { outbox: { ttlMs: 1_000 } },
    })
    socket.send('a')
    socket.send('b', {})
    socket.send('c', { ttlMs: Infinity })
    await clock.advance(10_000)
    expect(server.received).toEqual(['c'])
  })

  it('grows old while the machine sleeps', async () => {
    const { clock, server, socket, discards } = await openStory()
    server.latest.reset()
    await clock.advance(0)
    socket.send('stale', { ttlMs: 60_000 })
    socket.send('kept')
    clock.sleep(3_600_000)
    await clock.advance(10_000)
    expect(server.latest.received).toEqual(['kept'])
    expect(discards).toEqual([{ messages: 1, bytes: 5, why: 'expired' }])
  })

  it('waits no time at all when it is told so', async () => {
    const { clock, server, socket } = story({ behaviour: accepts({ afterMs: 1 }) })
    const message = socket.send('now', { ttlMs: 0 })
    expect(message.state).toBe('queued')
    await clock.advance(0)
    expect(message.state).toBe('expired')
    await clock.advance(1)
    socket.send('now', { ttlMs: 0 })
    await clock.advance(0)
    expect(server.received).toEqual(['now'])
  })

  it('does not push a full outbox over when its time has come', async () => {
    const { clock, socket } = story({ behaviour: hangs(), options: { outbox: { maxMessages: 1 } } })
    socket.send('stale', { ttlMs: 100 })
    await clock.advance(100)
    socket.send('fresh')
    expect(socket.bufferedAmount).toBe(5)
  })
})

describe('`outbox.maxMessageBytes`', () => {
  it('is the most that one message may have, in UTF-8, whether it waits or not', async () => {
    const { clock, server, socket } = story({ options: { outbox: { maxMessageBytes: 6 } } })
    const tooBig = [() => socket.send('€€€'), () => socket.send('€€€', {}), () => socket.send(new ArrayBuffer(7))]
    const codes = (): unknown[] => tooBig.map(send => Reflect.get(Object(thrownBy(send)), 'code'))
    socket.send('€€')
    expect(codes()).toEqual(Array(3).fill('ERR_MESSAGE_TOO_BIG'))
    await clock.advance(0)
    socket.send(new Uint8Array(6))
    expect(codes()).toEqual(Array(3).fill('ERR_MESSAGE_TOO_BIG'))
    await clock.advance(0)
    expect(server.received).toEqual(['€€', new Uint8Array(6)])
  })

  it('names the bound and the size, so that the app knows what to do', () => {
    const { socket } = story({ options: { outbox: { maxMessageBytes: 6 } } })
    expect(thrownBy(() => socket.send('€€€'))).toMatchObject({
      message: 'The message has 9 bytes, `outbox.maxMessageBytes` is 6: split it, or raise it.',
    })
  })

  it('does not change what send() gives: nothing, unless it is asked for more', async () => {
    const { socket, clock } = story({ options: { outbox: { maxMessageBytes: 6 } } })
    expect([socket.send('a'), socket.send('a', {}).state]).toEqual([undefined, 'queued'])
    await clock.advance(0)
    expect([socket.send('a'), socket.send('a', {}).state]).toEqual([undefined, 'sent'])
  })

  it('does not change when the bytes are read: at send()', async () => {
    const { clock, server, socket } = await openStory({ options: { outbox: { maxMessageBytes: 6 } } })
    const bytes = new Uint8Array([1, 2])
    socket.send(bytes)
    bytes.fill(9)
    await clock.advance(0)
    expect(server.received).toEqual([new Uint8Array([1, 2])])
  })
})
