import { describe, expect, it } from 'vitest'
import { accepts, adds, reflects } from '../server.ts'
import type { Subject } from '../subject.ts'
import { next, opening, outcome, thrownBy } from '../waiting.ts'

/** Characters that end a token [RFC 9110 §5.6.2], which a subprotocol name must be [RFC 6455 §4.1]. */
const SEPARATORS = [...'()<>@,;:\\"/[]?={} \t']

const OTHER_INVALID: readonly (readonly [name: string, text: string])[] = [
  ['a line feed', '\n'],
  ['a carriage return', '\r'],
  ['the null character', '\0'],
  ['the delete character', '\x7f'],
  ['a control character', '\x1f'],
  ['a non-breaking space', '\xa0'],
  ['a Latin letter beyond ASCII', 'é'],
  ['a letter of two UTF-16 units', '𝒶'],
  ['a lone surrogate', '\ud800'],
]

/** Every character that RFC 9110 allows in a token beside letters and digits. */
const TOKEN_MARKS = "!#$%&'*+-.^_`|~"

export function protocols({ construct, dial, opened, inThisEngine }: Subject): void {
  async function offered(protocolsArgument: unknown): Promise<string | undefined> {
    const socket = construct([reflects().url, protocolsArgument])
    const { headers } = JSON.parse((await next(socket, 'message')).data) as { headers: Record<string, string> }
    return headers['sec-websocket-protocol']
  }
  const refusal = (protocolsArgument: unknown) => outcome(() => construct([accepts().url, protocolsArgument]))

  describe('what follows', () => {
    for (const stray of ['echo', '', 0, 5n, true, null, Symbol('stray'), () => 'stray']) {
      it(`is ignored: ${typeof stray} ${String(stray)}`, () => {
        expect(outcome(() => construct([accepts().url, 'a', stray]))).toBe('returns')
      })
    }
  })

  describe('invalid names', () => {
    for (const character of SEPARATORS) {
      it(`refuses a protocol that contains ${JSON.stringify(character)}`, () => {
        expect(refusal(`a${character}b`)).toBe('SyntaxError')
      })
      it(`refuses a list whose second protocol is ${JSON.stringify(character)}`, () => {
        expect(refusal(['fine', character])).toBe('SyntaxError')
      })
    }
    for (const [name, text] of OTHER_INVALID) {
      it(`refuses a protocol that contains ${name}`, () => {
        expect(refusal(`a${text}b`)).toBe('SyntaxError')
      })
    }

    it('refuses the empty string', () => {
      expect(refusal('')).toBe('SyntaxError')
    })

    it('refuses a list with the empty string', () => {
      expect(refusal(['chat', ''])).toBe('SyntaxError')
    })

    it('refuses names separated by a comma in one string', () => {
      expect(refusal('chat,superchat')).toBe('SyntaxError')
    })

    it('throws a DOMException', () => {
      expect(thrownBy(() => construct([accepts().url, 'a b']))).toBeInstanceOf(DOMException)
    })

    it('refuses an invalid URL before it looks at the names', () => {
      expect(outcome(() => construct(['ws://[', 'a b']))).toBe('SyntaxError')
    })
  })

  describe('duplicates', () => {
    it('refuses the same name twice', () => {
      expect(refusal(['chat', 'chat'])).toBe('SyntaxError')
    })

    it('refuses the same name twice with others between', () => {
      expect(refusal(['chat', 'a', 'b', 'chat'])).toBe('SyntaxError')
    })

    it('takes names that differ only in case', async () => {
      expect(await offered(['chat', 'CHAT'])).toBe('chat, CHAT')
    })

    it('refuses values that become the same string', () => {
      expect(refusal([1, '1'])).toBe('SyntaxError')
    })
  })

  describe('accepted values', () => {
    const rows: readonly (readonly [what: string, value: unknown, header: string | undefined])[] = [
      ['a string', 'chat', 'chat'],
      ['a list of one', ['chat'], 'chat'],
      ['a list of several, in order', ['c', 'a', 'b'], 'c, a, b'],
      ['an empty list', [], undefined],
      ['undefined as nothing', undefined, undefined],
      ['null as the name "null"', null, 'null'],
      ['a list with null as the name "null"', [null], 'null'],
      ['a list with undefined as the name "undefined"', [undefined], 'undefined'],
      ['a number as a name', 13, '13'],
      ['a list of numbers as names', [1, 2], '1, 2'],
      ['a boolean as a name', true, 'true'],
      ['a Set', new Set(['a', 'b']), 'a, b'],
      ['an object with toString', { toString: () => 'chat' }, 'chat'],
      ['a String object by its letters, because it is iterable', new String('ab'), 'a, b'],
      ['every mark a token may have', TOKEN_MARKS, TOKEN_MARKS],
      ['names in the case they were given', ['Chat', 'SUPER'], 'Chat, SUPER'],
      ['a long name', 'p'.repeat(300), 'p'.repeat(300)],
    ]
    for (const [what, value, header] of rows) {
      it(`takes ${what}`, async () => {
        expect(await offered(value)).toBe(header)
      })
    }

    it('takes a generator', async () => {
      function* names() {
        yield 'first'
        yield 'second'
      }
      expect(await offered(names())).toBe('first, second')
    })

    it('reads an iterable once', () => {
      let reads = 0
      const list = {
        *[Symbol.iterator]() {
          reads++
          yield 'chat'
        },
      }
      construct([accepts().url, list])
      expect(reads).toBe(1)
    })

    it('does not notice when a list changes afterwards', async () => {
      const list = ['before']
      const socket = construct([reflects().url, list])
      list[0] = 'after'
      const { headers } = JSON.parse((await next(socket, 'message')).data)
      expect(headers['sec-websocket-protocol']).toBe('before')
    })

    it('passes on what an iterator throws', () => {
      const problem = new RangeError('no names today')
      const list = {
        // biome-ignore lint/correctness/useYield: it throws before it could
        *[Symbol.iterator]() {
          throw problem
        },
      }
      expect(thrownBy(() => construct([accepts().url, list]))).toBe(problem)
    })

    it('throws a TypeError for a symbol', () => {
      expect(thrownBy(() => construct([accepts().url, Symbol('chat')]))).toBeInstanceOf(TypeError)
    })

    it('throws a TypeError for a list with a symbol', () => {
      expect(thrownBy(() => construct([accepts().url, [Symbol('chat')]]))).toBeInstanceOf(TypeError)
    })

    it('throws a TypeError when Symbol.iterator is not a function', () => {
      expect(thrownBy(() => construct([accepts().url, { [Symbol.iterator]: 1 }]))).toBeInstanceOf(TypeError)
    })

    it('refuses a plain object, whose string has spaces', () => {
      expect(refusal({})).toBe('SyntaxError')
    })
  })

  describe('the selected protocol', () => {
    it('is empty while connecting', () => {
      expect(dial(accepts(), ['a', 'b']).protocol).toBe('')
    })

    it('is the one the server selected, inside the open listener', async () => {
      const socket = dial(accepts('b'), ['a', 'b'])
      await next(socket, 'open')
      expect(socket.protocol).toBe('b')
    })

    it('is the first when the server selects the first', async () => {
      expect((await opened(accepts(), ['a', 'b'])).protocol).toBe('a')
    })

    it('is empty when none was offered', async () => {
      expect((await opened(accepts())).protocol).toBe('')
    })

    it('is kept after the connection closed', async () => {
      const socket = await opened(accepts('b'), ['a', 'b'])
      socket.close()
      await next(socket, 'close')
      expect(socket.protocol).toBe('b')
    })

    it('stays empty when the handshake fails', async () => {
      const socket = dial(adds('Sec-WebSocket-Protocol: c'), ['a', 'b'])
      await next(socket, 'close')
      expect(socket.protocol).toBe('')
    })

    for (const [why, header, given] of [
      ['selects a protocol nobody offered', 'Sec-WebSocket-Protocol: c', ['a', 'b']],
      ['selects a protocol when none was offered', 'Sec-WebSocket-Protocol: a', []],
      ['selects two protocols at once', 'Sec-WebSocket-Protocol: a, b', ['a', 'b']],
      ['selects a protocol in another case', 'Sec-WebSocket-Protocol: A', ['a', 'b']],
      ['selects two protocols in two headers', 'Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b', ['a', 'b']],
    ] as const) {
      it(`fails the connection when the server ${why}, unless the engine lets it pass`, async () => {
        const outcome = opening(dial(adds(header), [...given])).then(
          () => 'opens',
          problem => problem.message,
        )
        expect(await outcome).toBe(inThisEngine(`a server that ${why}`, 'closed with 1006 before it opened'))
      })
    }

    it('may be "null"', async () => {
      const socket = construct([accepts().url, null])
      await next(socket, 'open')
      expect(socket.protocol).toBe('null')
    })
  })
}
