import { describe, expect, it } from 'vitest'
import { virtualClock } from '../../src/testing/index.ts'
import { isFinal } from '../../src/transports/http-end.ts'
import { type SseOptions, sse } from '../../src/transports/sse.ts'
import { dialled } from './heard-carrier.ts'

/** An endpoint that answers every request with a stream of its own. */
function endpoint(options: SseOptions = {}, answer: () => Response | undefined = () => undefined) {
  const clock = virtualClock()
  const asked: { readonly url: string; readonly init: RequestInit; readonly headers: Headers }[] = []
  const streams: ReadableStreamDefaultController<Uint8Array>[] = []
  const transport = sse({
    async fetch(input, init = {}) {
      asked.push({ url: `${input}`, init, headers: new Headers(init.headers) })
      const given = answer()
      if (given) return given
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          streams.push(controller)
          init.signal?.addEventListener('abort', () => controller.error(init.signal?.reason))
        },
      })
      return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
    },
    ...options,
  })
  const dial = (more = {}) =>
    dialled(transport, clock, { url: 'https://feed.example/events?x=1', protocols: [], ...more })
  const say = (text: string) => streams.at(-1)?.enqueue(new TextEncoder().encode(text))
  return { clock, asked, transport, dial, say, end: () => streams.at(-1)?.close() }
}

describe('an event stream of a server without sessions', () => {
  it('opens when the answer has begun, and gives messages with their id', async () => {
    const { clock, asked, dial, say } = endpoint()
    const { carrier, events, raw, ids } = dial()
    expect(carrier.readyState).toBe(0)
    await clock.advance(0)
    expect([events, carrier.protocol, carrier.url]).toEqual([['open'], '', 'https://feed.example/events?x=1'])
    expect(asked[0]).toMatchObject({ url: 'https://feed.example/events?x=1', init: { credentials: 'same-origin' } })
    expect(asked[0]?.init.method).toBeUndefined()
    expect(Object.fromEntries(asked[0]?.headers ?? [])).toEqual({ accept: 'text/event-stream' })
    say('id: 7\ndata: one\n\nevent: other\ndata: two\n\ndata: three\n\n')
    await clock.advance(0)
    expect([raw, ids]).toEqual([
      ['one', 'three'],
      ['7', '7'],
    ])
  })

  it('gives the types of events that are asked for, as the app wants them', async () => {
    const { clock, dial, say } = endpoint({ events: ['a', 'b'], dataOf: ({ type, data }) => [type, data] })
    const { raw } = dial()
    await clock.advance(0)
    say('event: a\ndata: 1\n\ndata: no\n\nevent: b\ndata: 2\n\n')
    await clock.advance(0)
    expect(raw).toEqual([
      ['a', '1'],
      ['b', '2'],
    ])
  })

  it('goes on behind the last id when it is dialled again, each socket behind its own', async () => {
    const { clock, asked, dial, say, end } = endpoint()
    const socket = {}
    dial({ socket })
    await clock.advance(0)
    say('id: 7\ndata: one\n\nid: 8\ndata: half')
    await clock.advance(0)
    end()
    await clock.advance(0)
    const { ids } = dial({ socket })
    dial({ socket: {} })
    dial({ socket, url: 'https://feed.example/other' })
    await clock.advance(0)
    expect(asked.map(({ headers }) => headers.get('last-event-id'))).toEqual([null, '7', null, null])
    expect(ids).toEqual([])
  })

  it('gives an event without an id the id of the connection before', async () => {
    const { clock, dial, say, end } = endpoint()
    dial()
    await clock.advance(0)
    say('id: 7\n\n')
    await clock.advance(0)
    end()
    await clock.advance(0)
    const { ids } = dial()
    await clock.advance(0)
    say('data: x\n\n')
    await clock.advance(0)
    expect(ids).toEqual(['7'])
  })

  it('ends abnormally where the stream ends, or as the server asked by `retry`', async () => {
    const { clock, dial, say, end } = endpoint()
    const first = dial()
    await clock.advance(0)
    end()
    await clock.advance(0)
    expect(first.events).toEqual(['open', 'close 1006 "the stream ended" broken'])
    for (const [retry, after] of [
      ['2500', 3],
      ['99999999999', 600],
    ]) {
      const { events } = dial()
      await clock.advance(0)
      say(`retry: ${retry}\n`)
      await clock.advance(0)
      end()
      await clock.advance(0)
      expect(events.at(-1)).toBe(`close 1012 "the stream ended; after=${after}" broken`)
    }
  })

  it('ends for good at 204, as the standard wants', async () => {
    const { clock, dial } = endpoint({}, () => new Response(null, { status: 204 }))
    const { events, carrier } = dial()
    carrier.onclose = event => events.push(`final ${isFinal(event)}`)
    await clock.advance(0)
    expect(events).toEqual(['error', 'final true'])
  })

  it.each([
    [
      () => new Response('{}', { headers: { 'content-type': 'application/json' } }),
      'not offered: application/json instead of an event stream',
    ],
    [() => new Response('', { status: 404 }), 'not offered: HTTP 404'],
    [
      () => {
        throw new TypeError('no network')
      },
      'the request failed',
    ],
  ])('fails before it opened at %s', async (answer, reason) => {
    const { clock, dial } = endpoint({}, answer)
    const { events } = dial()
    await clock.advance(0)
    expect(events).toEqual(['error', `close 1006 ${JSON.stringify(reason)} broken`])
  })

  it('is dead after a silence that is too long, comments being none', async () => {
    const { clock, dial, say } = endpoint({ silentMs: 30_000 })
    const { events } = dial()
    await clock.advance(20_000)
    say(':\n')
    await clock.advance(29_999)
    expect(events).toEqual(['open'])
    await clock.advance(1)
    expect(events.at(-1)).toBe('close 1006 "silent: nothing for 30 s" broken')
    expect(clock.timers).toBe(0)
  })

  it('fails where an event has no end, or the app cannot read one', async () => {
    const { clock, dial, say } = endpoint({ dataOf: ({ data }) => JSON.parse(data) })
    const first = dial()
    await clock.advance(0)
    say('data: x'.repeat(1_400_000))
    await clock.advance(0)
    expect(first.events.slice(1)).toEqual(['error', 'close 1006 "an event that is too big" broken'])
    const second = dial()
    await clock.advance(0)
    say('data: no json\n\n')
    await clock.advance(0)
    expect(second.events.at(-1)).toMatch(/^close 1006/)
    expect(second.reported).toMatchObject([{ code: 'ERR_HANDLER' }])
  })

  it('is closed at once, and says so in a later task', async () => {
    const { clock, asked, dial } = endpoint()
    const { carrier, events } = dial()
    await clock.advance(0)
    carrier.close(1000)
    expect(asked[0]?.init.signal?.aborted).toBe(true)
    expect(events).toEqual(['open'])
    await clock.advance(0)
    expect(events).toEqual(['open', 'close 1000 "" clean'])
  })
})

describe('sending over an event stream', () => {
  it('is not possible where nobody says how', async () => {
    const { clock, dial } = endpoint()
    const { carrier } = dial()
    expect(carrier.readOnly).toBe(true)
    await clock.advance(0)
    expect(() => carrier.send('x')).toThrow(expect.objectContaining({ name: 'NotSupportedError' }))
  })

  it('goes by the function of the app: in order, one at a time', async () => {
    const sent: unknown[] = []
    const settle: (() => void)[] = []
    const send: SseOptions['send'] = (data, { url, token }) => {
      sent.push([data, url, token])
      return new Promise(resolve => settle.push(resolve))
    }
    const { clock, dial } = endpoint({ send })
    const { carrier } = dial({ token: 'secret' })
    await clock.advance(0)
    expect(carrier.readOnly).toBe(false)
    carrier.send('é')
    carrier.send(new Uint8Array(3))
    expect([sent, carrier.bufferedAmount]).toEqual([[], 5])
    await clock.advance(0)
    expect(sent).toEqual([['é', 'https://feed.example/events?x=1', 'secret']])
    settle[0]?.()
    await clock.advance(0)
    expect([sent.length, carrier.bufferedAmount]).toEqual([2, 3])
    carrier.close()
    await clock.advance(2_999)
    expect(carrier.readyState).toBe(2)
    settle[1]?.()
    await clock.advance(0)
    expect(carrier.readyState).toBe(3)
  })

  it('ends the connection where it fails', async () => {
    const { clock, dial, asked } = endpoint({ send: () => Promise.reject(new Error('refused')) })
    const { carrier, events, reported } = dial()
    await clock.advance(0)
    carrier.send('x')
    await clock.advance(0)
    expect(events).toEqual(['open', 'close 1006 "a message could not be sent" broken'])
    expect(reported).toMatchObject([{ code: 'ERR_SEND', cause: { message: 'refused' } }])
    expect(asked[0]?.init.signal?.aborted).toBe(true)
  })
})
