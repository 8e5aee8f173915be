import { describe, expect, it } from 'vitest'
import { accepts, adds, babbles, mumbles, type Place, refuses, roundTrip, servers, stutters } from '../server.ts'
import type { Subject } from '../subject.ts'
import { next, opening, outcome } from '../waiting.ts'

const STATUSES = [200, 204, 301, 302, 307, 400, 401, 403, 404, 407, 426, 429, 500, 502, 503]

/** Handshake answers that RFC 6455 §4.1 tells the client to refuse. */
const WRONG_ANSWERS: readonly (readonly [what: string, place: () => Place])[] = [
  ['has no Upgrade header', () => mumbles('Upgrade: websocket\r\n', '')],
  ['upgrades to something else', () => mumbles('Upgrade: websocket', 'Upgrade: webplug')],
  ['has no Connection header', () => mumbles('Connection: Upgrade\r\n', '')],
  ['has another Connection header', () => mumbles('Connection: Upgrade', 'Connection: keep-alive')],
  ['has no accept key', () => mumbles('Sec-WebSocket-Accept: .*\r\n', '')],
  ['has the wrong accept key', () => mumbles('Accept: .*\r\n', 'Accept: dGhlIHNhbXBsZSBub25jZQ==\r\n')],
  ['has an empty accept key', () => mumbles('Accept: .*\r\n', 'Accept: \r\n')],
  ['has a status that is not 101', () => mumbles('101 Switching Protocols', '200 OK\r\nContent-Length: 0')],
  ['is no HTTP', () => babbles()],
  ['names an unknown extension', () => adds('Sec-WebSocket-Extensions: x-unheard-of')],
  ['has wrong parameters for an extension', () => adds('Sec-WebSocket-Extensions: permessage-deflate; x-wrong=1')],
  ['ends in the middle', () => stutters()],
]

/** Frames that RFC 6455 §5 and §7 tell the client to answer by failing the connection. */
const WRONG_FRAMES: readonly (readonly [what: string, hex: string])[] = [
  ['a text that is not UTF-8', '8102c328'],
  ['a text that ends inside a character', '8102e282'],
  ['a text with an encoded surrogate', '8103eda080'],
  ['a text with an overlong form', '8102c080'],
  ['a text beyond the last code point', '8104f4908080'],
  ['bad UTF-8 in the second of two fragments', '01026162 8002c328'],
  ['a frame with the reserved opcode 3', '8300'],
  ['a frame with the reserved opcode 7', '8700'],
  ['a frame with the reserved opcode 11', '8b00'],
  ['a frame with the reserved opcode 15', '8f00'],
  ['a frame with the first reserved bit', 'c10161'],
  ['a frame with the second reserved bit', 'a10161'],
  ['a frame with the third reserved bit', '910161'],
  ['a continuation of nothing', '800161'],
  ['a new message inside a fragmented one', '010161 810162'],
  ['a ping in fragments', '0900'],
  ['a ping of more than 125 bytes', `897e007e${'00'.repeat(126)}`],
  ['a close frame of one byte', '880103'],
  ['a close frame with the code 1005', '880203ed'],
  ['a close frame with the code 1006', '880203ee'],
  ['a close frame with the code 1015', '880203f7'],
  ['a close frame with the code 999', '880203e7'],
  ['a close frame with the code 5000', '88021388'],
  ['a close frame whose reason is not UTF-8', '8804 03e8 c328'],
  ['a close frame in fragments', '0800'],
  ['a length with its highest bit set', '827f8000000000000000'],
]

export function failures({ dial, opened, construct, expected, inThisEngine, firstLife }: Subject): void {
  async function failure(place: Pick<Place, 'url'>) {
    const socket = dial(place)
    const events = firstLife(socket)
    const { code, reason, wasClean } = await next(socket, 'close')
    return { code, reason, wasClean, events: events() }
  }
  /** Bytes that come once the socket is open: one that hears them with the handshake may fail before it opens. */
  async function failureBy(hex: string) {
    const place = accepts()
    const socket = dial(place)
    const events = firstLife(socket)
    const closed = next(socket, 'close')
    await opening(socket)
    await place.bytes(hex.replaceAll(' ', ''))
    const { code, reason, wasClean } = await closed
    return { code, reason, wasClean, events: events() }
  }
  const asTheStandardSays = (events: readonly string[]) => ({ code: 1006, reason: '', wasClean: false, events })

  describe('a refused handshake', () => {
    for (const status of STATUSES) {
      it(`with status ${status} fires error, then close 1006 without a reason`, async () => {
        expect(await failure(refuses(status))).toEqual(asTheStandardSays(['error', 'close']))
      })
    }

    for (const [what, place] of WRONG_ANSWERS) {
      it(`whose answer ${what} fires error, then close 1006`, async () => {
        expect(await failure(place())).toEqual(asTheStandardSays(['error', 'close']))
      })
    }

    it('whose answer names an extension twice fires error, then close 1006, unless the engine lets it pass', async () => {
      const outcome = opening(dial(adds('Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate'))).then(
        () => 'opens',
        problem => problem.message,
      )
      expect(await outcome).toBe(
        inThisEngine('a handshake whose answer names an extension twice', 'closed with 1006 before it opened'),
      )
    })

    it('on a port where nobody listens fires error, then close 1006', async () => {
      expect(await failure({ url: `ws://${servers().refused}/` })).toEqual(asTheStandardSays(['error', 'close']))
    })

    it('on a server without TLS fires error, then close 1006 for wss:', async () => {
      expect(await failure({ url: `wss://${servers().main}/accepts` })).toEqual({
        ...asTheStandardSays(['error', 'close']),
        code: inThisEngine('the close code of a server without TLS', 1006),
      })
    })

    it('fires nothing inside the constructor or the microtasks after it', async () => {
      const socket = construct([`ws://${servers().refused}/`])
      const events = firstLife(socket)
      for (let turn = 0; turn < 10; turn++) await Promise.resolve()
      expect([events(), socket.readyState]).toEqual([[], WebSocket.CONNECTING])
    })

    it('decides readyState inside the error listener', async () => {
      const socket = dial(refuses(401))
      await next(socket, 'error')
      expect(socket.readyState).toBe(
        expected('readyState while the failure of a connection is reported', WebSocket.CLOSED),
      )
    })

    it('decides readyState inside the close listener', async () => {
      const socket = dial(refuses(401))
      await next(socket, 'close')
      expect(socket.readyState).toBe(expected('readyState once a connection is lost', WebSocket.CLOSED))
    })

    it('follows no redirect', async () => {
      const place = refuses(302)
      await failure(place)
      expect((await place.ended())[0]?.messages).toEqual([])
    })

    it('fires error and close once each', async () => {
      const socket = dial(refuses(503))
      const events = firstLife(socket)
      await next(socket, 'close')
      await roundTrip()
      expect(events()).toEqual(['error', 'close'])
    })

    it('leaves protocol and extensions empty', async () => {
      const socket = dial(adds('Sec-WebSocket-Extensions: x-unheard-of'))
      await next(socket, 'close')
      expect([socket.protocol, socket.extensions]).toEqual(['', ''])
    })

    it('leaves close() harmless inside the error listener', async () => {
      const socket = dial(refuses(401))
      const seen = new Promise<string>(resolve => {
        socket.addEventListener('error', () => resolve(outcome(() => socket.close())), { once: true })
      })
      expect(await seen).toBe('returns')
    })
  })

  describe('a frame against the rules', () => {
    async function stateInside(type: 'error' | 'close'): Promise<number> {
      const place = accepts()
      const socket = await opened(place)
      const state = next(socket, type).then(() => socket.readyState)
      await place.bytes('8300')
      return state
    }

    for (const [what, hex] of WRONG_FRAMES) {
      it(`fires error, then close 1006, unless the engine lets it pass: ${what}`, async () => {
        expect(await failureBy(hex)).toEqual(
          inThisEngine(`what comes of ${what}`, asTheStandardSays(['open', 'error', 'close'])),
        )
      })
    }

    it('is a masked one, unless the engine lets it pass', async () => {
      const place = accepts()
      const socket = await opened(place)
      const end = Promise.race([
        next(socket, 'close').then(({ code }) => code),
        next(socket, 'message').then(({ data }) => `the message ${data}`),
      ])
      await place.bytes('81810000000061')
      expect(await end).toBe(inThisEngine('what comes of a masked frame', 1006))
    })

    it('does not take back the messages before it', async () => {
      const { events } = await failureBy('810161 810162 8300')
      expect(events).toEqual(['open', 'message', 'message', 'error', 'close'])
    })

    it('ends the delivery of messages', async () => {
      const { events } = await failureBy('8300 810161')
      expect(events).toEqual(['open', 'error', 'close'])
    })

    it('decides readyState inside the error listener', async () => {
      expect(await stateInside('error')).toBe(
        expected('readyState while the failure of a connection is reported', WebSocket.CLOSED),
      )
    })

    it('decides readyState inside the close listener', async () => {
      expect(await stateInside('close')).toBe(expected('readyState once a connection is lost', WebSocket.CLOSED))
    })
  })
}
