import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ResilientWebSocket } from '../../src/index.ts'
import { hangs, type Payload, scriptedServer, virtualClock } from '../../src/testing/index.ts'

type Message = Parameters<WebSocket['send']>[0]

/** What arrives of messages that were queued and changed afterwards, with the bytes they counted. */
async function queued(messages: readonly Message[], change = (): void => {}): Promise<readonly [Payload, number][]> {
  const clock = virtualClock()
  const server = scriptedServer(undefined, { clock })
  const socket = new ResilientWebSocket('wss://feed.example', [], { clock, WebSocket: server.WebSocket })
  const sizes = messages.map(message => {
    const before = socket.bufferedAmount
    socket.send(message)
    return socket.bufferedAmount - before
  })
  change()
  await clock.advance(0)
  socket.close()
  return server.received.map((payload, index) => [payload, sizes[index] ?? Number.NaN])
}

const VIEWS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
]

describe('a queued message', () => {
  it.each(VIEWS.map(View => [View.name, View] as const))('that is a %s is what it was', async (_, View) => {
    const whole = new Uint8Array(32).map((_, index) => index)
    const view = new View(whole.buffer, 8, 1)
    const size = View.BYTES_PER_ELEMENT
    expect(await queued([view], () => whole.fill(99))).toEqual([
      [new Uint8Array(size).map((_, index) => index + 8), size],
    ])
  })

  it('that is a DataView, a buffer or an empty one is what it was', async () => {
    const whole = new Uint8Array([1, 2, 3, 4])
    const messages = [new DataView(whole.buffer, 1, 2), whole.buffer, new ArrayBuffer(0)]
    expect(await queued(messages, () => whole.fill(9))).toEqual([
      [new Uint8Array([2, 3]), 2],
      [new Uint8Array([1, 2, 3, 4]), 4],
      [new Uint8Array(0), 0],
    ])
  })

  it('that is a view of shared memory is what it was', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(3))
    shared.set([1, 2, 3])
    expect(await queued([shared as unknown as Message], () => shared.fill(9))).toEqual([[new Uint8Array([1, 2, 3]), 3]])
  })

  it('that comes from another realm is known for what it is', async () => {
    const buffer: ArrayBuffer = runInNewContext('new Uint8Array([1, 2]).buffer')
    const view: Uint8Array<ArrayBuffer> = runInNewContext('new Uint8Array([3, 4])')
    expect(await queued([buffer, view], () => view.fill(9))).toEqual([
      [new Uint8Array([1, 2]), 2],
      [new Uint8Array([3, 4]), 2],
    ])
  })

  it('that is a buffer which only calls itself otherwise is still one', async () => {
    const buffer = Object.assign(new Uint8Array([1, 2]).buffer, { toString: () => 'text' })
    expect(await queued([buffer])).toEqual([[new Uint8Array([1, 2]), 2]])
  })

  it('that is a blob or a file is sent as it is, with its size', async () => {
    const blob = new Blob(['€'])
    expect(await queued([blob])).toEqual([[blob, 3]])
  })

  it('that is any text arrives as it was, and counts its UTF-8 bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }), { maxLength: 5 }), async texts => {
        const sizes = texts.map(text => Buffer.byteLength(text))
        expect(await queued(texts)).toEqual(texts.map((text, index) => [text, sizes[index]]))
      }),
      { numRuns: 100 },
    )
  })

  it('that cannot become a string throws what the conversion throws, and is not queued', () => {
    const clock = virtualClock()
    const { WebSocket } = scriptedServer(hangs(), { clock })
    const socket = new ResilientWebSocket('wss://feed.example', [], { clock, WebSocket })
    const bad = Object.create(null)
    for (const value of [bad, Symbol('x')]) expect(() => socket.send(value)).toThrow(TypeError)
    expect(socket.bufferedAmount).toBe(0)
  })
})
