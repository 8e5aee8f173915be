import { describe, expect, it } from 'vitest'
import { momentsOf } from '../moments.ts'
import { accepts, type Place } from '../server.ts'
import type { Subject } from '../subject.ts'
import { outcome, thrownBy } from '../waiting.ts'

/** 123 bytes are what a control frame has left for the reason beside the code [RFC 6455 §5.5]. */
const MAX_REASON_BYTES = 123

interface Row {
  readonly what: string
  readonly value: unknown
}

const REFUSED_CODES: readonly Row[] = [
  ...[0, 1, 999, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015].map(
    value => ({ what: String(value), value }),
  ),
  ...[1016, 2000, 2999, 5000, 9999, 65535].map(value => ({ what: String(value), value })),
  { what: '65536 + 1000, which is not taken modulo 65536', value: 65536 + 1000 },
  { what: '65536 + 3000, which is not taken modulo 65536', value: 65536 + 3000 },
  { what: '-1', value: -1 },
  { what: '-62536, which is not taken modulo 65536', value: 3000 - 65536 },
  { what: 'NaN', value: Number.NaN },
  { what: 'Infinity', value: Number.POSITIVE_INFINITY },
  { what: '-Infinity', value: Number.NEGATIVE_INFINITY },
  { what: 'null', value: null },
  { what: 'true', value: true },
  { what: 'the empty string', value: '' },
  { what: 'a string that is no number', value: 'going away' },
  { what: 'an object', value: {} },
  { what: '999.4, which rounds to 999', value: 999.4 },
  { what: '2999.4, which rounds to 2999', value: 2999.4 },
]

const ACCEPTED_CODES: readonly (Row & { readonly sent: number })[] = [
  ...[1000, 3000, 3001, 3999, 4000, 4001, 4998, 4999].map(value => ({ what: String(value), value, sent: value })),
  { what: '1000.4', value: 1000.4, sent: 1000 },
  { what: '3000.5, which rounds to the even 3000', value: 3000.5, sent: 3000 },
  { what: '4999.4', value: 4999.4, sent: 4999 },
  { what: 'the string "3000"', value: '3000', sent: 3000 },
  { what: 'the string "0xbb8"', value: '0xbb8', sent: 3000 },
  { what: 'the string " 4000 "', value: ' 4000 ', sent: 4000 },
  { what: 'a list of one number', value: [3000], sent: 3000 },
  { what: 'an object with valueOf', value: { valueOf: () => 4321 }, sent: 4321 },
  { what: 'a Number object', value: new Number(3003), sent: 3003 },
]

export function closeArguments(subject: Subject): void {
  const { opened, inThisEngine } = subject
  const close = (socket: WebSocket, ...args: readonly unknown[]) => Reflect.apply(socket.close, socket, args)

  async function sentBy(...args: readonly unknown[]) {
    const place: Place = accepts()
    const socket = await opened(place)
    close(socket, ...args)
    return (await place.ended())[0]?.close
  }

  async function outcomeWhileOpen(...args: readonly unknown[]) {
    const socket = await opened(accepts())
    const name = outcome(() => close(socket, ...args))
    return { name, readyState: socket.readyState }
  }

  describe('codes', () => {
    for (const { what, value } of REFUSED_CODES) {
      it(`refuses ${what} and stays open`, async () => {
        expect(await outcomeWhileOpen(value)).toEqual({ name: 'InvalidAccessError', readyState: WebSocket.OPEN })
      })
    }
    for (const { what, value, sent } of ACCEPTED_CODES) {
      it(`takes ${what} and sends ${sent}`, async () => {
        expect(await sentBy(value)).toEqual({ code: sent, reason: '' })
      })
    }

    it('throws a TypeError for a BigInt', async () => {
      expect(await outcomeWhileOpen(3000n)).toEqual({ name: 'TypeError', readyState: WebSocket.OPEN })
    })

    it('throws a TypeError for a symbol', async () => {
      expect(await outcomeWhileOpen(Symbol('code'))).toEqual({ name: 'TypeError', readyState: WebSocket.OPEN })
    })

    it('throws a DOMException with the code of an invalid access', async () => {
      const socket = await opened(accepts())
      const thrown = thrownBy(() => socket.close(999))
      expect(thrown).toBeInstanceOf(DOMException)
      expect((thrown as DOMException).code).toBe(DOMException.INVALID_ACCESS_ERR)
    })

    it('passes on what valueOf throws and stays open', async () => {
      const socket = await opened(accepts())
      const problem = new RangeError('no code today')
      const code = {
        valueOf() {
          throw problem
        },
      }
      expect(thrownBy(() => close(socket, code))).toBe(problem)
      expect(socket.readyState).toBe(WebSocket.OPEN)
    })

    it('sends no code when none is given', async () => {
      expect(await sentBy()).toEqual({ code: 1005, reason: '' })
    })

    it('sends no code for undefined', async () => {
      expect(await sentBy(undefined)).toEqual({ code: 1005, reason: '' })
    })

    it('sends no code for two times undefined', async () => {
      expect(await sentBy(undefined, undefined)).toEqual({ code: 1005, reason: '' })
    })
  })

  describe('reasons', () => {
    const rows: readonly (readonly [what: string, value: unknown, sent: string])[] = [
      ['a short reason', 'done', 'done'],
      ['an empty reason', '', ''],
      ['undefined as no reason', undefined, ''],
      ['null as "null"', null, 'null'],
      ['a number', 42, '42'],
      ['an object with toString', { toString: () => 'why' }, 'why'],
      ['123 letters', 'x'.repeat(MAX_REASON_BYTES), 'x'.repeat(MAX_REASON_BYTES)],
      ['41 euro signs, which are 123 bytes', '€'.repeat(41), '€'.repeat(41)],
      ['30 faces and three letters, which are 123 bytes', `${'😀'.repeat(30)}abc`, `${'😀'.repeat(30)}abc`],
      ['a lone surrogate as the replacement character', '\ud800', '\ufffd'],
      ['41 lone surrogates, which are 123 bytes', '\udfff'.repeat(41), '\ufffd'.repeat(41)],
      ['control characters', '\n\x7f', '\n\x7f'],
    ]
    for (const [what, value, sent] of rows) {
      it(`takes ${what}`, async () => {
        expect(await sentBy(3000, value)).toEqual({ code: 3000, reason: sent })
      })
    }

    it('takes a null character, which some engines take for the end', async () => {
      const whole = inThisEngine('a NUL in a close reason', 'is kept') === 'is kept'
      expect(await sentBy(3000, 'a\0b')).toEqual({ code: 3000, reason: whole ? 'a\0b' : 'a' })
    })

    const tooLong: readonly (readonly [what: string, value: unknown])[] = [
      ['124 letters', 'x'.repeat(MAX_REASON_BYTES + 1)],
      ['a million letters', 'x'.repeat(1_000_000)],
      ['42 euro signs, which are 126 bytes', '€'.repeat(42)],
      ['31 faces, which are 124 bytes', '😀'.repeat(31)],
      ['62 letters of two bytes', 'é'.repeat(62)],
      ['42 lone surrogates, which are 126 bytes', '\ud800'.repeat(42)],
      ['an object whose string is too long', { toString: () => 'x'.repeat(MAX_REASON_BYTES + 1) }],
    ]
    for (const [what, value] of tooLong) {
      it(`refuses ${what} and stays open`, async () => {
        expect(await outcomeWhileOpen(3000, value)).toEqual({ name: 'SyntaxError', readyState: WebSocket.OPEN })
      })
    }

    it('throws a DOMException with the code of a syntax error', async () => {
      const socket = await opened(accepts())
      const thrown = thrownBy(() => socket.close(3000, 'x'.repeat(124)))
      expect(thrown).toBeInstanceOf(DOMException)
      expect((thrown as DOMException).code).toBe(DOMException.SYNTAX_ERR)
    })

    it('throws a TypeError for a symbol', async () => {
      expect(await outcomeWhileOpen(3000, Symbol('why'))).toEqual({ name: 'TypeError', readyState: WebSocket.OPEN })
    })

    it('passes on what toString throws and stays open', async () => {
      const socket = await opened(accepts())
      const problem = new RangeError('no reason today')
      const reason = {
        toString() {
          throw problem
        },
      }
      expect(thrownBy(() => close(socket, 3000, reason))).toBe(problem)
      expect(socket.readyState).toBe(WebSocket.OPEN)
    })

    it('judges the code before the length of the reason', async () => {
      const { name } = await outcomeWhileOpen(999, 'x'.repeat(124))
      expect(name).toBe('InvalidAccessError')
    })

    it('converts the code, then the reason, before it judges the code', async () => {
      const socket = await opened(accepts())
      const order: string[] = []
      const code = { valueOf: () => order.push('code') }
      const reason = { toString: () => `${order.push('reason')}` }
      expect(outcome(() => close(socket, code, reason))).toBe('InvalidAccessError')
      expect(order).toEqual(['code', 'reason'])
    })
  })

  describe('at every moment', () => {
    for (const moment of momentsOf(subject)) {
      it(`refuses a wrong code ${moment.name} and changes nothing`, async () => {
        const seen = await moment.reach(socket => [outcome(() => socket.close(999)), socket.readyState])
        expect(seen).toEqual(['InvalidAccessError', moment.readyState])
      })

      it(`refuses a reason that is too long ${moment.name} and changes nothing`, async () => {
        const seen = await moment.reach(socket => [
          outcome(() => socket.close(1000, 'x'.repeat(124))),
          socket.readyState,
        ])
        expect(seen).toEqual(['SyntaxError', moment.readyState])
      })

      it(`takes a right code and reason ${moment.name}`, async () => {
        const seen = await moment.reach(socket => [outcome(() => socket.close(3000, 'done')), socket.readyState])
        expect(seen).toEqual(['returns', moment.afterClose])
      })

      it(`takes no arguments ${moment.name} and returns undefined`, async () => {
        const seen = await moment.reach(socket => [socket.close(), socket.readyState])
        expect(seen).toEqual([undefined, moment.afterClose])
      })

      it(`can be called three times ${moment.name}`, async () => {
        const seen = await moment.reach(socket => {
          socket.close(3000)
          socket.close(4000)
          socket.close()
          return socket.readyState
        })
        expect(seen).toBe(moment.afterClose)
      })
    }
  })
}
