import { describe, expect, it } from 'vitest'
import { servers } from '../server.ts'
import type { Subject } from '../subject.ts'
import { outcome, thrownBy } from '../waiting.ts'

/** Dials a URL and hangs up at once; only the `url` attribute is of interest. [WHATWG WebSockets §3.1] */
export function urlParsing({ construct, inThisEngine }: Subject): void {
  const urlOf = (...args: readonly unknown[]) => construct(args).url
  const host = () => servers().refused

  describe('schemes', () => {
    const kept: readonly (readonly [given: string, becomes: string])[] = [
      ['ws', 'ws'],
      ['wss', 'wss'],
      ['http', 'ws'],
      ['https', 'wss'],
      ['WS', 'ws'],
      ['Wss', 'wss'],
      ['HTTP', 'ws'],
      ['hTTpS', 'wss'],
    ]
    for (const [given, becomes] of kept) {
      it(`turns ${given}: into ${becomes}:`, () => {
        expect(urlOf(`${given}://${host()}/chat`)).toBe(`${becomes}://${host()}/chat`)
      })
    }

    const refused = [
      'ftp://127.0.0.1/',
      'file:///chat',
      'data:text/plain,chat',
      'blob:http://127.0.0.1/0',
      'about:blank',
      'mailto:chat@example.invalid',
      'javascript:0',
      'urn:chat',
      'chrome://version',
      'wsx://127.0.0.1/',
      'web+ws://127.0.0.1/',
    ]
    for (const url of refused) {
      it(`refuses ${url} with a SyntaxError`, () => {
        expect(outcome(() => construct([url]))).toBe('SyntaxError')
      })
    }
  })

  describe('relative URLs', () => {
    const base = () => new URL(document.baseURI)
    const host = () => base().host
    const wsUrl = (text: string, against: string | URL) => new URL(text, against).href.replace('http:', 'ws:')
    const obeyed = () =>
      inThisEngine('what a relative URL is resolved against', 'the base of the page') === 'the base of the page'

    it('resolves an absolute path against the page', () => {
      expect(urlOf('/holdfast/chat')).toBe(`ws://${host()}/holdfast/chat`)
    })

    it('resolves a relative path against the directory of the page', () => {
      expect(urlOf('chat')).toBe(wsUrl('chat', base()))
    })

    it('resolves .. against the page', () => {
      expect(urlOf('../chat')).toBe(wsUrl('../chat', base()))
    })

    it('resolves a query alone and keeps the path of the page', () => {
      expect(urlOf('?room=1')).toBe(wsUrl('?room=1', base()))
    })

    it('takes the scheme of the page for a URL that begins with two slashes', () => {
      expect(urlOf(`//${host()}/chat`)).toBe(`ws://${host()}/chat`)
    })

    it('takes the URL of the page without its fragment for an empty string', () => {
      const page = base()
      page.hash = ''
      page.protocol = 'ws:'
      expect(outcome(() => expect(urlOf('')).toBe(page.href))).toBe(inThisEngine('an empty URL', 'returns'))
    })

    it('obeys a <base> element', () => {
      const element = document.createElement('base')
      element.href = `http://${servers().refused}/deep/directory/`
      document.head.prepend(element)
      try {
        expect(urlOf('chat')).toBe(
          obeyed() ? `ws://${servers().refused}/deep/directory/chat` : wsUrl('chat', location.href),
        )
      } finally {
        element.remove()
      }
    })

    it('obeys history.pushState', () => {
      const before = location.href
      history.replaceState(history.state, '', '/some/other/page')
      try {
        expect(urlOf('chat')).toBe(obeyed() ? `ws://${location.host}/some/other/chat` : wsUrl('chat', before))
      } finally {
        history.replaceState(history.state, '', before)
      }
    })
  })

  describe('fragments', () => {
    for (const suffix of ['#part', '#', '?room=1#part', '/#/route']) {
      it(`refuses an absolute URL that ends in ${suffix}`, () => {
        expect(outcome(() => construct([`ws://${host()}${suffix}`]))).toBe('SyntaxError')
      })
    }

    it('refuses a relative URL with a fragment', () => {
      expect(outcome(() => construct(['chat#part']))).toBe('SyntaxError')
    })

    it('refuses a fragment alone', () => {
      expect(outcome(() => construct(['#part']))).toBe('SyntaxError')
    })

    it('accepts an encoded number sign', () => {
      expect(urlOf(`ws://${host()}/%23part`)).toBe(`ws://${host()}/%23part`)
    })
  })

  describe('invalid URLs', () => {
    const invalid = [
      'ws://',
      'wss:///',
      'http://',
      'ws://:80/',
      'ws://127.0.0.1:65536/',
      'ws://127.0.0.1:port/',
      'ws://127.0.0.1:-1/',
      'ws://[::1/',
      'ws://[::g]/',
      'ws://256.256.256.256/',
      'ws://a<b/',
      'ws://a^b/',
      'ws://a%00b/',
      'ws://%zz/',
      'ws://user@/',
    ]
    for (const url of invalid) {
      it(`refuses ${JSON.stringify(url)} with a SyntaxError`, () => {
        expect(outcome(() => construct([url]))).toBe('SyntaxError')
      })
    }

    it('throws a DOMException with the code of a syntax error', () => {
      const thrown = thrownBy(() => construct(['ws://[']))
      expect(thrown).toBeInstanceOf(DOMException)
      expect((thrown as DOMException).code).toBe(DOMException.SYNTAX_ERR)
    })

    it('throws a DOMException with a message', () => {
      const thrown = thrownBy(() => construct(['ws://[']))
      expect((thrown as DOMException).message).not.toBe('')
    })
  })

  describe('normal form', () => {
    const rows: readonly (readonly [why: string, given: string, becomes: string])[] = [
      ['adds the path of the root', 'ws://localhost:1', 'ws://localhost:1/'],
      ['adds the path of the root before a query', 'ws://localhost:1?a', 'ws://localhost:1/?a'],
      ['keeps an empty query', 'ws://localhost:1/?', 'ws://localhost:1/?'],
      ['lowers the case of the host', 'ws://LocalHost:1/Chat', 'ws://localhost:1/Chat'],
      ['drops port 80 of ws', 'ws://localhost:80/', 'ws://localhost/'],
      ['drops port 443 of wss', 'wss://localhost:443/', 'wss://localhost/'],
      ['drops port 80 of http', 'http://localhost:80/', 'ws://localhost/'],
      ['drops port 443 of https', 'https://localhost:443/', 'wss://localhost/'],
      ['keeps port 443 of ws', 'ws://localhost:443/', 'ws://localhost:443/'],
      ['drops an empty port', 'ws://localhost:/', 'ws://localhost/'],
      ['drops leading zeros of the port', 'ws://localhost:0080/a', 'ws://localhost/a'],
      ['resolves dots in the path', 'ws://localhost:1/a/./b/../c', 'ws://localhost:1/a/c'],
      ['resolves encoded dots in the path', 'ws://localhost:1/a/%2e%2E/c', 'ws://localhost:1/c'],
      ['turns backslashes into slashes', 'ws:\\\\localhost:1\\a', 'ws://localhost:1/a'],
      ['adds missing slashes', 'ws:localhost:1/a', 'ws://localhost:1/a'],
      ['ignores white space around the URL', ' \n ws://localhost:1/a \t ', 'ws://localhost:1/a'],
      ['ignores line breaks and tabs inside the URL', 'w\ns://local\thost:1/\ra', 'ws://localhost:1/a'],
      ['encodes spaces in the path', 'ws://localhost:1/a b', 'ws://localhost:1/a%20b'],
      ['encodes spaces in the query', 'ws://localhost:1/?a b', 'ws://localhost:1/?a%20b'],
      [
        'encodes letters beyond ASCII in the path as UTF-8',
        'ws://localhost:1/grüße',
        'ws://localhost:1/gr%C3%BC%C3%9Fe',
      ],
      ['encodes letters beyond ASCII in the query as UTF-8', 'ws://localhost:1/?€', 'ws://localhost:1/?%E2%82%AC'],
      [
        'encodes a lone surrogate as the replacement character',
        'ws://localhost:1/\ud800',
        'ws://localhost:1/%EF%BF%BD',
      ],
      ['keeps percent signs as they are', 'ws://localhost:1/%zz%41', 'ws://localhost:1/%zz%41'],
      ['writes a host beyond ASCII in Punycode', 'ws://bücher.localhost:1/', 'ws://xn--bcher-kva.localhost:1/'],
      ['maps a full-width host to ASCII', 'ws://ｌocalhost:1/', 'ws://localhost:1/'],
      ['decodes an encoded host', 'ws://%6cocalhost:1/', 'ws://localhost:1/'],
      ['writes a hexadecimal address as four numbers', 'ws://0x7f.1:1/', 'ws://127.0.0.1:1/'],
      ['writes a single number as an address', 'ws://2130706433:1/', 'ws://127.0.0.1:1/'],
      ['shortens an IPv6 address', 'ws://[0:0:0:0:0:0:0:1]:1/', 'ws://[::1]:1/'],
      ['keeps user and password', 'ws://user:secret@localhost:1/', 'ws://user:secret@localhost:1/'],
      ['encodes user and password', 'ws://us er:p@ss@localhost:1/', 'ws://us%20er:p%40ss@localhost:1/'],
    ]
    for (const [why, given, becomes] of rows) {
      it(`${why}: ${JSON.stringify(given)}`, () => {
        expect(urlOf(given)).toBe(becomes)
      })
    }
  })
}
