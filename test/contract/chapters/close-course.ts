import { describe, expect, it } from 'vitest'
import { accepts, answers, counts, echoes, holds, ignores, roundTrip } from '../server.ts'
import type { Subject } from '../subject.ts'
import { journal, next, nextTask } from '../waiting.ts'

/** What happens after close(), seen from the page and from the server. [WHATWG WebSockets §3.1, §4] */
export function closeCourse({ dial, opened, inThisEngine }: Subject): void {
  describe('closing an open connection', () => {
    it('reports the code and reason that the server sent back', async () => {
      const socket = await opened(accepts())
      socket.close(3456, 'enough')
      const event = await next(socket, 'close')
      expect([event.code, event.reason, event.wasClean]).toEqual([3456, 'enough', true])
    })

    it('reports 1005 when no code was given', async () => {
      const socket = await opened(accepts())
      socket.close()
      const event = await next(socket, 'close')
      expect([event.code, event.reason, event.wasClean]).toEqual([1005, '', true])
    })

    it('reports the answer of a server that has a code of its own', async () => {
      const socket = await opened(answers(4321, 'my own'))
      socket.close(3000, 'yours')
      const event = await next(socket, 'close')
      expect([event.code, event.reason, event.wasClean]).toEqual([4321, 'my own', true])
    })

    it('fires no close event inside close()', async () => {
      const socket = await opened(accepts())
      const events = journal(socket)
      socket.close()
      expect(events).toEqual([])
      await next(socket, 'close')
    })

    it('fires no close event in the microtasks after close()', async () => {
      const socket = await opened(accepts())
      const events = journal(socket)
      socket.close()
      for (let turn = 0; turn < 10; turn++) await Promise.resolve()
      expect(events).toEqual([])
      await next(socket, 'close')
    })

    it('fires close exactly once, and no error', async () => {
      const socket = await opened(accepts())
      const events = journal(socket)
      socket.close(1000)
      await next(socket, 'close')
      await roundTrip()
      expect(events).toEqual(['close'])
    })

    it('fires close exactly once when close() was called again and again', async () => {
      const socket = await opened(accepts())
      const events = journal(socket)
      socket.close(1000)
      socket.close(1000)
      socket.addEventListener('close', () => socket.close())
      await next(socket, 'close')
      socket.close()
      await roundTrip()
      expect(events).toEqual(['close'])
    })

    it('sends the code of the first call only', async () => {
      const place = accepts()
      const socket = await opened(place)
      socket.close(3001, 'first')
      socket.close(3002, 'second')
      expect((await place.ended())[0]?.close).toEqual({ code: 3001, reason: 'first' })
    })

    it('leaves readyState CLOSED for good', async () => {
      const socket = await opened(accepts())
      socket.close()
      await next(socket, 'close')
      await roundTrip()
      expect(socket.readyState).toBe(WebSocket.CLOSED)
    })

    it('stays CLOSING as long as the server does not answer', async () => {
      const place = ignores()
      const socket = await opened(place)
      socket.close()
      await roundTrip()
      expect(socket.readyState).toBe(WebSocket.CLOSING)
    })

    it('reports 1006, not clean, when the server hangs up instead of answering', async () => {
      const place = ignores()
      const socket = await opened(place)
      const events = journal(socket)
      socket.close(3000, 'bye')
      const [event] = await Promise.all([next(socket, 'close'), place.drop()])
      expect([event.code, event.reason, event.wasClean]).toEqual([1006, '', false])
      expect(events.at(-1)).toBe('close')
    })

    it('sends what was sent before, then the close frame', async () => {
      const place = accepts()
      const socket = await opened(place)
      for (let n = 0; n < 20; n++) socket.send(String(n))
      socket.close(1000)
      const [sighting] = await place.ended()
      expect(sighting?.messages).toEqual(Array.from({ length: 20 }, (_, n) => ({ text: String(n) })))
      expect(sighting?.close).toEqual({ code: 1000, reason: '' })
    })

    it('works inside the open listener', async () => {
      const socket = dial(accepts())
      const events = journal(socket)
      socket.addEventListener('open', () => socket.close(3000))
      const { code } = await next(socket, 'close')
      expect([code, events]).toEqual([3000, ['open', 'close']])
    })

    it('works inside a message listener', async () => {
      const socket = dial(counts(1))
      socket.addEventListener('message', () => socket.close(3000))
      expect((await next(socket, 'close')).code).toBe(3000)
    })

    it('delivers no message that arrives after close()', async () => {
      const place = ignores()
      const socket = await opened(place)
      const events = journal(socket)
      socket.close()
      await place.bytes('81026869')
      await Promise.all([next(socket, 'close'), place.drop()])
      expect(events.filter(type => type === 'message')).toEqual([])
    })

    it('lets two sockets close each other', async () => {
      const [left, right] = await Promise.all([opened(accepts()), opened(accepts())])
      left.addEventListener('close', () => right.close(4001))
      left.close(4000)
      expect((await next(right, 'close')).code).toBe(4001)
    })
  })

  describe('closing a connection that has not opened', () => {
    it('turns readyState to CLOSING at once', () => {
      const socket = dial(holds())
      socket.close()
      expect(socket.readyState).toBe(WebSocket.CLOSING)
    })

    it('fires nothing inside close()', async () => {
      const socket = dial(holds())
      const events = journal(socket)
      socket.close()
      expect(events).toEqual([])
    })

    it('fires nothing in the microtasks after close()', async () => {
      const socket = dial(holds())
      const events = journal(socket)
      socket.close()
      for (let turn = 0; turn < 10; turn++) await Promise.resolve()
      expect(events).toEqual([])
    })

    it('fires error, then close, each once', async () => {
      const socket = dial(holds())
      const events = journal(socket)
      socket.close()
      await next(socket, 'close')
      await roundTrip()
      expect(events).toEqual(['error', 'close'])
    })

    it('reports 1006, not clean, whatever code was given', async () => {
      const socket = dial(holds())
      socket.close(3000, 'never mind')
      const event = await next(socket, 'close')
      expect([event.code, event.reason, event.wasClean]).toEqual([1006, '', false])
    })

    it('is CLOSED inside the error and the close listener', async () => {
      const socket = dial(holds())
      const states: number[] = []
      socket.addEventListener('error', () => states.push(socket.readyState))
      socket.addEventListener('close', () => states.push(socket.readyState))
      socket.close()
      await next(socket, 'close')
      expect(states).toEqual([WebSocket.CLOSED, WebSocket.CLOSED])
    })

    it('never opens, even when the server accepts', async () => {
      const socket = dial(echoes())
      const events = journal(socket)
      socket.close()
      await next(socket, 'close')
      await roundTrip()
      expect(events).toEqual(['error', 'close'])
    })

    it('hangs up on the server', async () => {
      const place = holds()
      const socket = dial(place)
      await place.arrived()
      socket.close()
      const expected = inThisEngine('what the server sees of a handshake that is given up', 'a hang-up')
      const hangUp = place.ended().then(() => 'a hang-up')
      const patience = new Promise(resolve => setTimeout(resolve, 300, 'nothing'))
      // Where one must come it may take as long as it takes; where none does, it has to stay away for a while.
      expect(await (expected === 'nothing' ? Promise.race([hangUp, patience]) : hangUp)).toBe(expected)
    })

    it('can be called in the task after the constructor', async () => {
      const socket = dial(holds())
      await nextTask()
      expect(socket.readyState).toBe(WebSocket.CONNECTING)
      socket.close()
      expect((await next(socket, 'close')).code).toBe(1006)
    })

    it('fires close exactly once when close() is called again in the error listener', async () => {
      const socket = dial(holds())
      const events = journal(socket)
      socket.addEventListener('error', () => socket.close())
      socket.close()
      await next(socket, 'close')
      await roundTrip()
      expect(events).toEqual(['error', 'close'])
    })
  })
}
