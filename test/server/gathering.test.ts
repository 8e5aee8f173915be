import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type SessionServer, type SessionServerOptions, sessionServer } from '../../src/server/index.ts'

/** A masked frame of a client, with a mask of zeros [RFC 6455 §5.2]. */
function frame(opcode: number, text: string): Buffer {
  const payload = Buffer.from(text)
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload])
}
const texts = (...frames: readonly object[]): Buffer =>
  Buffer.concat(frames.map(each => frame(0x1, JSON.stringify(each))))
const ping = frame(0x9, 'ws')
/** The answer: unmasked, of the same payload. */
const PONG = '\x8a\x02ws'

const TIMES = ['one', 'two', 'three'] as const
const message = (number: number): object => ({ t: 'msg', id: `c-${number}`, topic: 'room', data: number })

interface Line {
  readonly live: SessionServer
  /** What was written at a time, since it was looked at last. */
  written(): readonly string[]
  /** What arrives at once. */
  arrives(bytes: Buffer): Promise<void>
}

/** A server and a line that notes each of its writes, greeted and subscribed to `room`. */
async function line(options: SessionServerOptions = {}): Promise<Line> {
  const writes: string[] = []
  const stream = new Duplex({
    read() {},
    write(chunk, _, done) {
      writes.push(chunk.toString('latin1'))
      done()
    },
    writev(chunks, done) {
      writes.push(chunks.map(({ chunk }) => chunk.toString('latin1')).join(''))
      done()
    },
  })
  const request = new IncomingMessage(new Socket())
  Object.assign(request, { method: 'GET', url: '/' })
  Object.assign(request.headers, {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
    'sec-websocket-protocol': 'holdfast.v1',
  })
  const live = sessionServer({ onLog: () => {}, ...options })
  live.handleUpgrade(request, stream, Buffer.alloc(0))
  const arrives = async (bytes: Buffer): Promise<void> => {
    stream.push(bytes)
    await setImmediate()
  }
  await arrives(texts({ t: 'hello', v: 1, client: 'c', conn: 'n', topics: [{ topic: 'room' }] }))
  const written = (): readonly string[] => writes.splice(0)
  expect(written().join('')).toContain('"subbed"')
  return { live, written, arrives }
}

describe('what a tick has to say to one connection', () => {
  it('is written out at once: the answers to all messages that arrived together', async () => {
    const { arrives, written } = await line()
    await arrives(texts(...TIMES.map((_, i) => message(i + 1))))
    const writes = written()
    expect(writes).toHaveLength(1)
    expect(writes[0]?.match(/"t":"(ok|event)"/g)).toHaveLength(6)
  })

  it('is written out at once: events that are published one after the other', async () => {
    const { live, written } = await line()
    for (const title of TIMES) void live.publish('room', title)
    await setImmediate()
    const writes = written()
    expect(writes).toHaveLength(1)
    expect(writes[0]?.match(/"one"|"two"|"three"/g)).toEqual(['"one"', '"two"', '"three"'])
  })

  it('is not held for longer than the tick', async () => {
    const { live, written } = await line()
    for (const title of TIMES) {
      void live.publish('room', title)
      await setImmediate()
    }
    expect(written()).toHaveLength(3)
  })

  it('is not held when it is a lot', async () => {
    const { live, written } = await line()
    void live.publish('room', 'x'.repeat(20_000))
    expect(written()).toHaveLength(1)
  })

  it('keeps no ping of the WebSocket from its answer', async () => {
    const { arrives, written } = await line()
    await arrives(Buffer.concat([texts({ t: 'ping', n: 7 }), ping]))
    expect(written().join('')).toMatch(new RegExp(`"pong","n":7}${PONG}$`))
  })

  it('comes before the close that follows it', async () => {
    const { arrives, written } = await line()
    await arrives(texts({ t: 'ping', n: 7 }, { t: 'bye' }))
    expect(written().join('')).toMatch(/"pong","n":7}\x88/)
  })
})
