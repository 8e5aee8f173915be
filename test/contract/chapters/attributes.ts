import { describe, expect, it } from 'vitest'
import { momentsOf } from '../moments.ts'
import { accepts, compresses, counts, holds, ignores, refuses } from '../server.ts'
import type { Subject } from '../subject.ts'
import { next } from '../waiting.ts'

/** The read-only attributes over the life of a connection. */
export function attributes(subject: Subject): void {
  const { dial, opened, construct } = subject

  describe('readyState', () => {
    for (const { name, readyState, reach } of momentsOf(subject)) {
      it(`is ${readyState} ${name}`, async () => {
        expect(await reach(socket => socket.readyState)).toBe(readyState)
      })
    }

    it('is CONNECTING in the task of the constructor and the microtasks after it', async () => {
      const socket = dial(accepts())
      const states = [socket.readyState]
      for (let turn = 0; turn < 10; turn++) await Promise.resolve()
      states.push(socket.readyState)
      expect(states).toEqual([WebSocket.CONNECTING, WebSocket.CONNECTING])
    })

    it('is still OPEN inside listeners when the close frame has come in with the last message', async () => {
      const place = counts(1)
      const socket = dial(place)
      const state = await new Promise<number>(resolve => {
        socket.addEventListener('message', () => resolve(socket.readyState))
      })
      expect(state).toBe(WebSocket.OPEN)
    })

    it('goes through all four values in order', async () => {
      const socket = dial(accepts())
      const states = [socket.readyState]
      await next(socket, 'open')
      states.push(socket.readyState)
      socket.close()
      states.push(socket.readyState)
      await next(socket, 'close')
      states.push(socket.readyState)
      expect(states).toEqual([0, 1, 2, 3])
    })
  })

  describe('url', () => {
    it('is there in the task of the constructor', () => {
      const place = accepts()
      expect(dial(place).url).toBe(place.url)
    })

    it('is a primitive string', () => {
      expect(typeof construct([new URL(accepts().url)]).url).toBe('string')
    })

    for (const { name, reach } of momentsOf(subject)) {
      it(`is the absolute URL ${name}`, async () => {
        expect(await reach(socket => socket.url)).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/\w+\?id=/)
      })
    }

    it('is the same before, during and after the connection', async () => {
      const place = accepts()
      const socket = dial(place)
      await next(socket, 'open')
      const open = socket.url
      socket.close()
      await next(socket, 'close')
      expect([open, socket.url]).toEqual([place.url, place.url])
    })

    it('is kept when the handshake was refused', async () => {
      const place = refuses(404)
      const socket = dial(place)
      await next(socket, 'close')
      expect(socket.url).toBe(place.url)
    })
  })

  describe('extensions', () => {
    it('is empty while connecting', () => {
      expect(dial(compresses()).extensions).toBe('')
    })

    it('is empty when the server agrees to none', async () => {
      expect((await opened(accepts())).extensions).toBe('')
    })

    it('names what the server agrees to, inside the open listener', async () => {
      const socket = dial(compresses())
      await next(socket, 'open')
      expect(socket.extensions).toMatch(/^permessage-deflate/)
    })

    it('is kept after the connection closed', async () => {
      const socket = await opened(compresses())
      const { extensions } = socket
      socket.close()
      await next(socket, 'close')
      expect(socket.extensions).toBe(extensions)
    })

    it('is kept while closing', async () => {
      const socket = await opened(compresses())
      const { extensions } = socket
      socket.close()
      expect(socket.extensions).toBe(extensions)
    })
  })

  describe('protocol', () => {
    it('is kept while closing', async () => {
      const socket = await opened(accepts(), ['chat'])
      socket.close()
      expect(socket.protocol).toBe('chat')
    })

    it('is empty when close() came before the connection', async () => {
      const socket = dial(holds(), ['chat'])
      socket.close()
      await next(socket, 'close')
      expect(socket.protocol).toBe('')
    })
  })

  describe('closing for long', () => {
    it('keeps every attribute readable', async () => {
      const place = ignores()
      const socket = await opened(place)
      socket.close()
      const { readyState, url, protocol, extensions, bufferedAmount, binaryType } = socket
      expect({ readyState, url, protocol, extensions, bufferedAmount, binaryType }).toEqual({
        readyState: WebSocket.CLOSING,
        url: place.url,
        protocol: '',
        extensions: '',
        bufferedAmount: 0,
        binaryType: 'blob',
      })
    })
  })
}
