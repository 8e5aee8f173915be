import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { encodeBinary } from '../../src/session/frames.ts'
import type { Gap } from '../../src/session/index.ts'
import { send } from './session-server.ts'
import { told } from './told.ts'

// Many lives take seconds where a single one takes none.
vi.setConfig({ testTimeout: 60_000 })

const TYPES = 'welcome subbed gap event ok err authok reauth goaway ping pong nonsense'.split(' ')
const FIELDS =
  'topic epoch seq id data dup code message retry afterMs spreadMs recovered from to reason n now conn limits expiresInMs'
    .split(' ')
    .concat(['heartbeatMs', 'authExpiresInMs', '__proto__', 'constructor'])

/** Values that are right, nearly right, and not right at all. */
const value = fc.oneof(
  fc.constantFrom<unknown>('default', 'e1', 'e2', 0, 1, 2, 3, -1, 1.5, 2 ** 53, 1e308, true, false, null, {}, [], ''),
  fc.jsonValue({ maxDepth: 2 }),
)
const frame = fc
  .tuple(fc.constantFrom(...TYPES), fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 8 }))
  .map(([t, fields]) => JSON.stringify({ ...fields, t }))
const received = fc.oneof(
  { weight: 8, arbitrary: frame },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 2 }) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  { weight: 1, arbitrary: frame.map(header => encodeBinary(JSON.parse(header), new Uint8Array(3))) },
  { weight: 1, arbitrary: fc.constantFrom('{"t":"event","topic":"default","epoch":"e1","seq":1e999}', '[', '"t"') },
)

describe('whatever a server sends', () => {
  it('the session survives, stays bounded, tells of it at most once per connection, and works with the next one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(received, { maxLength: 40, size: 'max' }), async frames => {
        const { socket, clock, server, log, problems, journal } = await told({ options: { backoff: () => 10 } })
        const [first] = server.open
        for (const each of frames) {
          if (first?.state !== 'open') break
          first.send(each)
        }
        await clock.advance(700_000)
        expect(problems.filter(({ code }) => code === 'ERR_FRAME').length).toBeLessThanOrEqual(2 * server.dials.length)
        expect(problems.map(({ code }) => code)).not.toContain('ERR_DEFECT')
        expect(server.dials.length).toBeLessThan(60)
        // It can still send, and still hears.
        const message = socket.topic('fresh').send(1)
        const seen: unknown[] = []
        socket.topic('other').on(({ data }) => seen.push(data))
        socket.reconnect()
        await clock.advance(30_000)
        log.publish('other', 'heard')
        await clock.advance(10)
        expect(message.state).toBe('acknowledged')
        expect(seen).toEqual(['heard'])
        expect(journal.at(-1)).not.toContain('final')
      }),
      { numRuns: 150 },
    )
  })

  it('more events than were allowed end the connection, and nothing is lost', async () => {
    const { socket, clock, log, server, problems } = await told(
      { options: { backoff: () => 10 } },
      { limits: { unacked: 16 } },
    )
    const done: (() => void)[] = []
    const seen: number[] = []
    socket.topic('a').on(({ seq }) => {
      seen.push(seq)
      return new Promise<void>(resolve => done.push(resolve))
    })
    await clock.advance(0)
    const [flooding] = server.open
    for (let seq = 1; seq <= 40; seq++) {
      log.log('a').events.push({ seq, data: seq })
      log.log('a').seq = seq
      if (flooding) send(flooding, { t: 'event', topic: 'a', epoch: 'e1', seq, data: seq })
    }
    await clock.advance(1_000)
    expect(problems).toMatchObject([{ code: 'ERR_PROTOCOL' }])
    for (let each = 0; each < 60; each++) {
      done.shift()?.()
      await clock.advance(100)
    }
    expect(seen).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
  })

  it.each([
    [4_001, 'retry'],
    [4_100, 'retry'],
    [4_201, 'retry'],
    [4_300, 'retry'],
    [4_403, 'stop'],
    [4_426, 'stop'],
  ])('the close code %i means: %s', async (code, next) => {
    const { clock, server, closings } = await told({ options: { auth: () => 'token' } })
    await clock.advance(10)
    server.open[0]?.close(code)
    await clock.advance(0)
    expect(closings.at(-1)?.disconnect.next.type).toBe(next)
  })

  it('a session that the server ends (41xx) begins anew: cursors and messages of before mean nothing to it', async () => {
    const { clock, server, log, socket, journal } = await told({}, { instead: ({ t }) => t === 'msg' })
    const gaps: Gap[] = []
    socket.on('gap', gap => gaps.push(gap))
    log.publish('default', 1)
    const message = socket.topic('a').send(1)
    await clock.advance(0)
    server.open[0]?.close(4_100)
    log.publish('default', 2)
    await clock.advance(10_000)
    expect(gaps).toEqual([{ topic: 'default', from: null, to: 2, epoch: 'e1', reason: 'epoch' }])
    log.publish('default', 3)
    await clock.advance(10)
    expect(journal.at(-1)).toBe('message 3')
    expect(message.state).toBe('unknown')
    expect(JSON.stringify(log.said('hello').at(-1))).not.toContain('epoch')
  })

  it('a topic that is refused is told of, does not keep the connection from opening, and is asked for again when it says so', async () => {
    let refused = 2
    const { clock, socket, log, problems } = await told(
      {},
      {
        instead: ({ t, topic }, connection) => {
          if (t !== 'sub' || topic !== 'secret' || refused-- <= 0) return false
          send(connection, {
            t: 'err',
            topic,
            code: 'forbidden',
            message: 'Not yours.',
            retry: 'later',
            afterMs: 2_000,
          })
          return true
        },
      },
    )
    const seen: unknown[] = []
    socket.topic('secret').on(({ data }) => seen.push(data))
    await clock.advance(5_000)
    log.publish('secret', 1)
    await clock.advance(0)
    expect(problems.map(({ code }) => code)).toEqual(['ERR_REJECTED', 'ERR_REJECTED'])
    expect(seen).toEqual([1])
  })
})
