import { describe, expect, it } from 'vitest'
import { accepts, closes, counts, drops, roundTrip } from '../server.ts'
import type { Subject } from '../subject.ts'
import { next, outcome } from '../waiting.ts'

/** Codes a server may put on the wire: those of RFC 6455 §7.4.1, the registry, and the two free ranges. */
const CODES = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3001, 3003, 3008, 3999, 4000, 4400,
  4401, 4402, 4403, 4999,
]

/** A close frame with this code in hexadecimal. */
const closeFrame = (code: number) => `8802${code.toString(16).padStart(4, '0')}`

/** Connections that end by the other side's will. [WHATWG WebSockets §4] */
export function serverCloses({ dial, opened, expected, inThisEngine, firstLife }: Subject): void {
  describe('a close frame of the server', () => {
    for (const code of CODES) {
      it(`is reported with its code ${code} and reason, clean`, async () => {
        const event = await next(dial(closes(code, `because of ${code}`)), 'close')
        expect([event.code, event.reason, event.wasClean]).toEqual(
          inThisEngine(`a close frame with the code ${code}`, [code, `because of ${code}`, true]),
        )
      })

      it(`with ${code} decides readyState inside the close listener`, async () => {
        const socket = dial(closes(code))
        await next(socket, 'close')
        expect(socket.readyState).toBe(expected(`readyState after the server closes with ${code}`, WebSocket.CLOSED))
      })
    }

    it('without a code is reported as 1005', async () => {
      const socket = dial(closes())
      const event = await next(socket, 'close')
      expect([event.code, event.reason, event.wasClean]).toEqual([1005, '', true])
      expect(socket.readyState).toBe(expected('readyState after the server closes with 1005', WebSocket.CLOSED))
    })

    it('with a code and no reason has an empty reason', async () => {
      expect((await next(dial(closes(4000)), 'close')).reason).toBe('')
    })

    it('keeps a reason of 123 bytes whole', async () => {
      const reason = `${'😀'.repeat(30)}abc`
      expect((await next(dial(closes(4000, reason)), 'close')).reason).toBe(reason)
    })

    it('keeps white space and control characters of the reason', async () => {
      const whole = inThisEngine('a NUL in a close reason', 'is kept') === 'is kept'
      expect((await next(dial(closes(4000, ' a\n\0b ')), 'close')).reason).toBe(whole ? ' a\n\0b ' : ' a\n')
    })

    it('is answered with the same code', async () => {
      const place = accepts()
      await opened(place)
      await place.close(4005, 'mine')
      expect((await place.ended())[0]?.close?.code).toBe(4005)
    })

    it('without a code is answered without a code', async () => {
      const place = accepts()
      await opened(place)
      await place.close()
      const code = inThisEngine('the answer to a close frame without a code', 1005)
      expect((await place.ended())[0]?.close).toEqual({ code, reason: '' })
    })

    it('fires no error', async () => {
      const socket = dial(closes(1011))
      const events = firstLife(socket)
      await next(socket, 'close')
      await roundTrip()
      expect(events()).toEqual(['open', 'close'])
    })

    it('comes after all messages sent before it', async () => {
      const place = counts(50)
      const socket = dial(place)
      const events = firstLife(socket)
      const data: unknown[] = []
      socket.addEventListener('message', event => data.push(event.data))
      socket.addEventListener('open', () => void place.close(1000))
      await next(socket, 'close')
      expect(events()).toEqual(['open', ...Array.from({ length: 50 }, () => 'message'), 'close'])
      expect(data).toEqual(Array.from({ length: 50 }, (_, n) => String(n)))
    })

    it('ends the delivery of messages', async () => {
      const place = accepts()
      const socket = dial(place)
      const events = firstLife(socket)
      const closed = next(socket, 'close')
      await place.bytes(`8101 61 ${closeFrame(4000)} 8101 62`.replaceAll(' ', ''))
      await closed
      await roundTrip()
      // Chromium takes the frame after the close frame as a failure and fires error too.
      expect(events().filter(type => type === 'message')).toHaveLength(1)
    })

    it('wins over a close() that is called at the same time, without an error', async () => {
      const place = accepts()
      const socket = await opened(place)
      const events = firstLife(socket)
      const told = place.close(4006)
      socket.close(3006)
      const { wasClean } = await next(socket, 'close')
      await told
      expect([wasClean, events()]).toEqual([true, ['close']])
    })

    it('leaves close() harmless inside the close listener', async () => {
      const socket = dial(closes(1008))
      const events = firstLife(socket)
      const seen = new Promise<string>(resolve => {
        socket.addEventListener('close', () => resolve(outcome(() => socket.close())), { once: true })
      })
      expect(await seen).toBe('returns')
      await roundTrip()
      expect(events()).toEqual(['open', 'close'])
    })
  })

  describe('a TCP connection that ends without a close frame', () => {
    it('is reported as 1006, not clean, without a reason', async () => {
      const event = await next(dial(drops()), 'close')
      expect([event.code, event.reason, event.wasClean]).toEqual([1006, '', false])
    })

    it('fires no error once it was open', async () => {
      const place = accepts()
      const socket = await opened(place)
      const events = firstLife(socket)
      await Promise.all([next(socket, 'close'), place.drop()])
      await roundTrip()
      expect(events()).toEqual(['close'])
    })

    it('decides readyState inside the close listener', async () => {
      const place = accepts()
      const socket = await opened(place)
      const states = new Promise<number>(resolve => {
        socket.addEventListener('close', () => resolve(socket.readyState), { once: true })
      })
      await place.drop()
      expect(await states).toBe(expected('readyState once a connection is lost', WebSocket.CLOSED))
    })

    it('keeps the messages that came before', async () => {
      const place = counts(10)
      const socket = dial(place)
      const events = firstLife(socket)
      let seen = 0
      socket.addEventListener('message', () => {
        seen++
        if (seen === 10) void place.drop()
      })
      await next(socket, 'close')
      expect(events()).toEqual(['open', ...Array.from({ length: 10 }, () => 'message'), 'close'])
    })

    it('leaves close() harmless inside the close listener', async () => {
      const socket = dial(drops())
      const seen = new Promise<string>(resolve => {
        socket.addEventListener('close', () => resolve(outcome(() => socket.close(3000, 'late'))), { once: true })
      })
      expect(await seen).toBe('returns')
    })

    it('leaves the checks of close() in force inside the close listener', async () => {
      const socket = dial(drops())
      const seen = new Promise<string>(resolve => {
        socket.addEventListener('close', () => resolve(outcome(() => socket.close(1006))), { once: true })
      })
      expect(await seen).toBe('InvalidAccessError')
    })
  })
}
