import { describe, expect, it } from 'vitest'
import { accepts, reflects, servers } from '../server.ts'
import type { Subject } from '../subject.ts'
import { next } from '../waiting.ts'

/** What of the constructor's arguments reaches the server. [RFC 6455 §4.1] */
export function request({ dial }: Subject): void {
  describe('the request', () => {
    async function requestTo(url: string) {
      const event = await next(dial({ url }), 'message')
      return JSON.parse(event.data) as { url: string; headers: Record<string, string> }
    }

    it('carries path and query as they are in the url attribute', async () => {
      const { url } = reflects()
      const request = await requestTo(`${url}&text=a b€#`.replace('#', '%23'))
      expect(request.url).toBe(`${new URL(url).pathname}${new URL(url).search}&text=a%20b%E2%82%AC%23`)
    })

    it('carries the host and port', async () => {
      const { headers } = await requestTo(reflects().url)
      expect(headers.host).toBe(servers().main)
    })

    it('carries the origin of the page', async () => {
      const { headers } = await requestTo(reflects().url)
      expect(headers.origin).toBe(location.origin)
    })

    it('asks for version 13 of the protocol', async () => {
      const { headers } = await requestTo(reflects().url)
      expect(headers['sec-websocket-version']).toBe('13')
    })

    it('names no subprotocol when none was given', async () => {
      const { headers } = await requestTo(reflects().url)
      expect(headers['sec-websocket-protocol']).toBeUndefined()
    })

    it('opens a connection to an http: URL', async () => {
      const { headers } = await requestTo(reflects().url.replace('ws:', 'http:'))
      expect(headers.upgrade).toBe('websocket')
    })

    it('is sent once for each socket', async () => {
      const place = accepts()
      await next(dial(place), 'open')
      await place.close(1000)
      expect(await place.ended()).toHaveLength(1)
    })
  })
}
