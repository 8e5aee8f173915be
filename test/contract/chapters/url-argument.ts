import { describe, expect, it } from 'vitest'
import { accepts, servers } from '../server.ts'
import type { Subject } from '../subject.ts'
import { outcome, thrownBy } from '../waiting.ts'

/** What the constructor does with its first argument before it is a URL. */
export function urlArgument({ Class, construct, expected, inThisEngine }: Subject): void {
  const relative = (text: string) => new URL(text, document.baseURI).href.replace('http:', 'ws:')

  describe('calling the constructor', () => {
    it('throws a TypeError without arguments', () => {
      expect(thrownBy(() => construct([]))).toBeInstanceOf(TypeError)
    })

    it('throws a TypeError when called without new', () => {
      const call = Class as unknown as (url: string) => unknown
      expect(thrownBy(() => call(`ws://${servers().refused}/`))).toBeInstanceOf(TypeError)
    })

    it('throws a TypeError when called on an object without new', () => {
      expect(thrownBy(() => Reflect.apply(Class, {}, [`ws://${servers().refused}/`]))).toBeInstanceOf(TypeError)
    })

    it('ignores arguments beyond those it knows', () => {
      const { url } = accepts()
      expect(construct([url, []]).url).toBe(url)
    })
  })

  describe('conversion of the URL to a string', () => {
    it('takes a URL object', () => {
      const url = new URL(`ws://${servers().refused}/chat?room=1`)
      expect(construct([url]).url).toBe(url.href)
    })

    it('takes a URL object with an http scheme', () => {
      expect(construct([new URL(`http://${servers().refused}/chat`)]).url).toBe(`ws://${servers().refused}/chat`)
    })

    it('refuses a URL object with a fragment', () => {
      expect(outcome(() => construct([new URL(`ws://${servers().refused}/#part`)]))).toBe('SyntaxError')
    })

    it('takes a String object', () => {
      expect(construct([new String(`ws://${servers().refused}/boxed`)]).url).toBe(`ws://${servers().refused}/boxed`)
    })

    it('takes an object with toString', () => {
      const url = { toString: () => `ws://${servers().refused}/stringified` }
      expect(construct([url]).url).toBe(`ws://${servers().refused}/stringified`)
    })

    it('prefers Symbol.toPrimitive to toString', () => {
      const url = {
        [Symbol.toPrimitive]: (hint: string) => `ws://${servers().refused}/${hint}`,
        toString: () => 'ws://[',
      }
      expect(construct([url]).url).toBe(`ws://${servers().refused}/string`)
    })

    it('calls toString exactly once', () => {
      let calls = 0
      const stringify = () => {
        calls++
        return `ws://${servers().refused}/`
      }
      construct([{ toString: stringify }])
      expect(calls).toBe(1)
    })

    it('passes on what toString throws', () => {
      const problem = new RangeError('no URL today')
      const url = {
        toString() {
          throw problem
        },
      }
      expect(thrownBy(() => construct([url]))).toBe(problem)
    })

    it('throws a TypeError for a symbol', () => {
      expect(thrownBy(() => construct([Symbol('url')]))).toBeInstanceOf(TypeError)
    })

    it('throws a TypeError for an object that cannot become a string', () => {
      expect(thrownBy(() => construct([Object.create(null)]))).toBeInstanceOf(TypeError)
    })

    for (const [value, text] of [
      [undefined, 'undefined'],
      [null, 'null'],
      [42, '42'],
      [true, 'true'],
      [12n, '12'],
    ] as const) {
      it(`reads ${typeof value} ${JSON.stringify(text)} as a relative URL`, () => {
        const url = new URL(relative(text))
        url.hash = ''
        expect(construct([value]).url).toBe(url.href)
      })
    }

    it('reads an array as what it is as a string', () => {
      const list = expected('an array as the URL', 'a string') === 'a list'
      expect(construct([['a', 'b']]).url).toBe(relative(list ? 'a' : 'a,b'))
    })

    it('reads an empty array as the URL of the page', () => {
      const list = expected('an array as the URL', 'a string') === 'a list'
      const page = new URL(relative(''))
      page.hash = ''
      if (list) expect(thrownBy(() => construct([[]]))).toMatchObject({ code: 'ERR_OPTION' })
      else
        expect(outcome(() => expect(construct([[]]).url).toBe(page.href))).toBe(inThisEngine('an empty URL', 'returns'))
    })

    it('converts the URL before the protocols', () => {
      const order: string[] = []
      const url = {
        toString() {
          order.push('url')
          return `ws://${servers().refused}/`
        },
      }
      const protocol = {
        toString() {
          order.push('protocol')
          return 'chat'
        },
      }
      construct([url, [protocol]])
      expect(order).toEqual(['url', 'protocol'])
    })

    it('converts the protocols before it parses the URL', () => {
      let converted = false
      const protocol = {
        toString() {
          converted = true
          return 'chat'
        },
      }
      expect(outcome(() => construct(['ws://[', [protocol]]))).toBe('SyntaxError')
      expect(converted).toBe(true)
    })

    it('does not notice when a URL object changes afterwards', () => {
      const url = new URL(`ws://${servers().refused}/before`)
      const socket = construct([url])
      url.pathname = '/after'
      expect(socket.url).toBe(`ws://${servers().refused}/before`)
    })
  })
}
