import { beforeEach, describe, expect, it } from 'vitest'
import { refuses } from '../../src/testing/index.ts'
import { forgetPage } from '../../src/transports/known-ways.ts'
import { type Ways, ways } from '../scenarios/ways.ts'

/** Topics that an app can do without on a slow lane. */

beforeEach(forgetPage)

interface Heard {
  readonly made: Ways
  readonly orders: unknown[]
  readonly cursors: unknown[]
}

/** Two topics, one of which pauses; served by a WebSocket. */
async function listening(): Promise<Heard> {
  const made = ways()
  const orders: unknown[] = []
  const cursors: unknown[] = []
  made.socket.topic('orders').on(({ data }) => void orders.push(data))
  made.socket.topic('cursors').on(({ data }) => void cursors.push(data), { whenDegraded: 'pause' })
  await made.clock.advance(0)
  return { made, orders, cursors }
}

/** The WebSocket is blocked from now on, for so long that the fallback serves. */
async function fall({ clock, server, socket, ...made }: Ways): Promise<void> {
  made.webSocket(refuses())
  server.latest.reset()
  await clock.advance(120_000)
  expect(socket.status).toMatchObject({ state: 'degraded', transport: 'sse' })
}

async function climb(made: Ways): Promise<void> {
  made.webSocket(made.log.behaviour)
  made.page.say('network-changed')
  await made.clock.advance(2_000)
  expect(made.socket.status.state).toBe('open')
}

describe('a topic that may pause', () => {
  it('is left while a fallback serves, and loses nothing', async () => {
    const { made, orders, cursors } = await listening()
    const { log, clock } = made
    log.publish('orders', 1)
    log.publish('cursors', 1)
    await clock.advance(0)
    await fall(made)
    const asked = log.said('hello').at(-1)
    expect(asked?.topics).toMatchObject([{ topic: 'default' }, { topic: 'orders' }])
    log.publish('orders', 2)
    log.publish('cursors', 2)
    await clock.advance(100)
    expect([orders, cursors]).toEqual([[1, 2], [1]])
    await climb(made)
    expect([orders, cursors]).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  it('is left when the fallback was the faster one of two', async () => {
    const made = ways({ webSocket: () => connection => connection.accept('holdfast.v1') })
    made.socket.topic('cursors').on(() => {}, { whenDegraded: 'pause' })
    await made.clock.advance(4_000)
    expect(made.socket.status.state).toBe('degraded')
    await made.clock.advance(0)
    expect(made.log.said('unsub')).toMatchObject([{ topic: 'cursors' }])
  })

  it('is not asked for when it is subscribed to on a fallback, but when the better one serves', async () => {
    const { made } = await listening()
    await fall(made)
    const heard: unknown[] = []
    made.socket.topic('presence').on(({ data }) => void heard.push(data), { whenDegraded: 'pause' })
    made.log.publish('presence', 'a')
    await made.clock.advance(100)
    expect(made.log.said('sub').some(({ topic }) => topic === 'presence')).toBe(false)
    await climb(made)
    made.log.publish('presence', 'b')
    await made.clock.advance(100)
    expect(heard).toEqual(['b'])
  })

  it('goes on as soon as somebody needs it', async () => {
    const { made, cursors } = await listening()
    await fall(made)
    made.log.publish('cursors', 1)
    await made.clock.advance(100)
    expect(cursors).toEqual([])
    made.socket.topic('cursors').on(() => {})
    await made.clock.advance(100)
    expect(cursors).toEqual([1])
  })

  it('says so in one way only', async () => {
    const { made } = await listening()
    for (const whenDegraded of ['stop', true, null]) {
      expect(() => Reflect.apply(made.socket.topic('x').on, undefined, [() => {}, { whenDegraded }])).toThrow(
        /`whenDegraded`/,
      )
    }
  })
})
