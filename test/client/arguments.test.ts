import { describe, expect, it } from 'vitest'
import { ResilientError, ResilientWebSocket } from '../../src/index.ts'
import { accepts, scriptedServer, virtualClock } from '../../src/testing/index.ts'

const SECRET = 'eyJhbGciOi.secret.token'
const fn = (): undefined => undefined

/** What a method of an open socket throws, and what the server has heard by then. */
async function thrownBy(method: 'send' | 'subscribe' | 'refreshAuth', ...given: readonly unknown[]): Promise<unknown> {
  const clock = virtualClock()
  const server = scriptedServer(accepts(), { clock })
  const socket = new ResilientWebSocket('wss://feed.example', [], { clock, WebSocket: server.WebSocket })
  await clock.advance(0)
  try {
    Reflect.apply(Reflect.get(socket, method), socket, given)
  } catch (error) {
    await clock.advance(0)
    expect(server.received).toEqual([])
    return error
  } finally {
    socket.close()
  }
  return undefined
}

describe('a wrong option of send()', () => {
  it.each([
    [{ volatile: 1 }, 'Expected `volatile` to be boolean, got 1.'],
    [{ volatile: SECRET }, 'Expected `volatile` to be boolean, got "eyJhbGciOi.secre…".'],
    [{ volatile: null }, 'Expected `volatile` to be boolean, got null.'],
    [{ ttlMs: -1 }, 'Expected `ttlMs` to be a number from 0, got -1.'],
    [{ ttlMs: '1s' }, 'Expected `ttlMs` to be a number from 0, got "1s".'],
    [{ ttlMs: Number.NaN }, 'Expected `ttlMs` to be a number from 0, got NaN.'],
    [{ ttl: 5 }, 'Expected `ttl` to be absent: no such option, got 5.'],
    [{ binary: true }, 'Expected `binary` to be absent: no such option, got true.'],
    [{ toString: fn }, 'Expected `toString` to be absent: no such option, got function.'],
  ])('throws ERR_OPTION, and nothing is sent: %o', async (options, message) => {
    const error = await thrownBy('send', 'x', options)
    expect(error).toBeInstanceOf(ResilientError)
    expect(error).toMatchObject({ code: 'ERR_OPTION', message })
  })

  it.each([{}, { volatile: undefined, ttlMs: undefined }, { volatile: false, ttlMs: 0 }, { ttlMs: Infinity }])(
    'is not %o',
    async options => {
      expect(await thrownBy('send', 'x', options)).toBeUndefined()
    },
  )
})

describe('a wrong argument of subscribe()', () => {
  it.each<readonly [unknown, unknown, string]>([
    [undefined, { join: fn }, 'Expected `key` to be a string, got undefined.'],
    [5, { join: fn }, 'Expected `key` to be a string, got 5.'],
    [{ join: fn }, undefined, 'Expected `key` to be a string, got object.'],
    ['room', undefined, 'Expected `subscription` to be an object with join, got undefined.'],
    ['room', null, 'Expected `subscription` to be an object with join, got null.'],
    ['room', fn, 'Expected `subscription` to be an object with join, got function.'],
    ['room', 'join', 'Expected `subscription` to be an object with join, got "join".'],
    ['room', {}, 'Expected `subscription` to be an object with join, got object.'],
    ['room', { join: SECRET }, 'Expected `subscription` to be an object with join, got object.'],
    ['room', { join: fn, leave: 'room' }, 'Expected `subscription.leave` to be function, got "room".'],
    ['room', { join: fn, leave: null }, 'Expected `subscription.leave` to be function, got null.'],
  ])('throws ERR_OPTION, and nobody is joined: %o, %o', async (key, subscription, message) => {
    expect(await thrownBy('subscribe', key, subscription)).toMatchObject({ code: 'ERR_OPTION', message })
  })

  it.each([{ join: fn }, { join: fn, leave: fn }, { join: fn, leave: undefined, room: 42 }])(
    'is not %o',
    async subscription => {
      expect(await thrownBy('subscribe', 'room', subscription)).toBeUndefined()
    },
  )
})

describe('the second argument of send()', () => {
  it.each([null, undefined, 0, 'x'])('is ignored when it is %o, as the platform ignores it', async second => {
    const clock = virtualClock()
    const server = scriptedServer(accepts(), { clock })
    const options = { clock, WebSocket: server.WebSocket, outbox: { maxMessageBytes: 10 } }
    const socket = new ResilientWebSocket('wss://feed.example', [], options)
    await clock.advance(0)
    expect(Reflect.apply(socket.send, socket, ['hello', second])).toBeUndefined()
    await clock.advance(0)
    expect(server.received).toEqual(['hello'])
    socket.close()
  })
})

describe('a list of endpoints', () => {
  it('that is empty throws ERR_OPTION and names `url`', () => {
    expect(() => new ResilientWebSocket([])).toThrow(
      expect.objectContaining({
        code: 'ERR_OPTION',
        message: 'Expected `url` to be a URL, or a list of at least one, got object.',
      }),
    )
  })
})

describe('refreshAuth()', () => {
  it('throws ERR_OPTION where there is no `auth`', async () => {
    expect(await thrownBy('refreshAuth')).toMatchObject({
      code: 'ERR_OPTION',
      message: expect.stringContaining('`auth`'),
    })
  })
})
