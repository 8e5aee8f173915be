/** Where the tests of reconnecting-websocket expect something else than the standard says: both libraries, side by side. */
import { hangs, scriptedServer } from 'holdfast/testing'
import Theirs from 'reconnecting-websocket'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { URL_OF_FEED } from './migrant.ts'
import { ReconnectingWebSocket as Ours } from './reconnecting-websocket.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const soon = () => vi.advanceTimersByTimeAsync(20)

describe('the url is there when the constructor has returned [WHATWG WebSockets §3]', () => {
  const { WebSocket } = scriptedServer()

  it('theirs is empty until a later task, and then what the class makes of it', async () => {
    const socket = new Theirs('wss://feed.example', [], { WebSocket })
    expect(socket.url).toBe('')
    await soon()
    expect(socket.url).toBe('wss://feed.example/')
    socket.close()
  })

  it('ours is the serialized one at once', () => {
    const socket = new Ours('wss://feed.example', [], { WebSocket })
    expect(socket.url).toBe('wss://feed.example/')
    socket.close()
  })

  it('so theirs takes what no WebSocket can be made with, and ours throws', async () => {
    const lookalike = { CLOSING: 2 }
    vi.stubGlobal('WebSocket', lookalike)
    try {
      const closed = new Theirs(URL_OF_FEED)
      closed.close()
      await soon()
      expect(() => new Ours(URL_OF_FEED)).toThrow(TypeError)
    } finally {
      vi.unstubAllGlobals()
    }
  })
})

describe('binaryType is "blob" or "arraybuffer", and another value is ignored [Web IDL §3.2.18]', () => {
  const { WebSocket } = scriptedServer()

  it.each([
    ['theirs hands on whatever it is given', Theirs, 'nodebuffer'],
    ['ours ignores it', Ours, 'arraybuffer'],
  ])('%s', async (_, Class, expected) => {
    const socket = new Class(URL_OF_FEED, [], { WebSocket })
    socket.binaryType = 'arraybuffer'
    Reflect.set(socket, 'binaryType', 'nodebuffer')
    await soon()
    expect(socket.binaryType).toBe(expected)
    socket.close()
  })
})

describe('an error event is a plain one, and comes before the close [WHATWG WebSockets §4]', () => {
  const { WebSocket } = scriptedServer(hangs())
  const hurried = { WebSocket, connectionTimeout: 500, maxRetries: 0 }

  it('theirs has a message after a timeout, and comes after a close that nobody sent', async () => {
    const socket = new Theirs(URL_OF_FEED, [], hurried)
    const journal: string[] = []
    socket.onerror = ({ message }) => journal.push(`error ${message}`)
    socket.onclose = ({ code, reason }) => journal.push(`close ${code} ${reason}`)
    await vi.advanceTimersByTimeAsync(600)
    expect(journal).toEqual(['close 1000 timeout', 'error TIMEOUT'])
  })

  it('ours has none, and the close says why', async () => {
    const socket = new Ours(URL_OF_FEED, [], hurried)
    const journal: string[] = []
    socket.onerror = event => journal.push(`error ${Reflect.get(event, 'message')}`)
    socket.onclose = ({ code, disconnect }) => journal.push(`close ${code} ${disconnect.origin}`)
    await vi.advanceTimersByTimeAsync(600)
    expect(journal).toEqual(['error undefined', 'close 1006 dial-timeout'])
  })
})

describe('a close event tells of the close frame that was received [WHATWG WebSockets §4]', () => {
  it('theirs repeats what `reconnect()` was given, as if the server had said it, while it is CLOSING', async () => {
    const { WebSocket, connections } = scriptedServer()
    const socket = new Theirs(URL_OF_FEED, [], { WebSocket })
    await soon()
    connections[0]?.goSilent()
    const told: unknown[] = []
    socket.onclose = ({ code, reason, wasClean }) => told.push(code, reason, wasClean, socket.readyState)
    socket.reconnect(1000, 'again')
    expect(told).toEqual([1000, 'again', true, socket.CLOSING])
    socket.close()
  })

  it('ours says that none was, and is CONNECTING', async () => {
    const { WebSocket, connections } = scriptedServer()
    const socket = new Ours(URL_OF_FEED, [], { WebSocket })
    await soon()
    connections[0]?.goSilent()
    const told: unknown[] = []
    socket.onclose = ({ code, reason, wasClean }) => told.push(code, reason, wasClean, socket.readyState)
    socket.reconnect(1000, 'again')
    expect(told).toEqual([1006, '', false, socket.CONNECTING])
    socket.close()
  })
})
