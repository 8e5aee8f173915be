import { describe, expect, it } from 'vitest'
import { virtualClock } from '../../src/testing/index.ts'
import { polling } from '../../src/transports/polling.ts'
import { sse } from '../../src/transports/sse.ts'
import { greeted } from './heard-carrier.ts'
import { type Heard, HttpSessionServer, type HttpSessionServerOptions } from './http-session-server.ts'

function world(options: Partial<HttpSessionServerOptions> = {}, make: typeof sse | typeof polling = sse) {
  const clock = virtualClock()
  const server = new HttpSessionServer({ clock, ...options })
  return { clock, server, transport: make({ fetch: server.fetch }) }
}

const msg = (n: number, data: unknown = n) => ({ t: 'msg', id: `c1-${n}`, topic: 'a', data })
const idsOf = ({ frames }: Heard) => frames.slice(1).map(({ id }) => id)

/** Holds the requests to `/send` until they are let go. */
function holding(server: HttpSessionServer) {
  const held: (() => void)[] = []
  server.options.instead = ({ path }) =>
    path === 'send' ? new Promise<undefined>(resolve => held.push(() => resolve(undefined))) : undefined
  return held
}

describe.each([
  ['sse', sse],
  ['polling', polling],
])('what a session sends over %s', (_, make) => {
  it('leaves at once, all of one task in one request, behind a hello without topics', async () => {
    const { clock, server, transport } = world({}, make)
    const { say, events, carrier } = await greeted(transport, clock, [{ topic: 'b' }])
    say(msg(1))
    say(msg(2))
    expect(carrier.bufferedAmount).toBe(2 * JSON.stringify(msg(1)).length)
    // No timer: those of a hidden page are late.
    for (let tick = 0; tick < 10; tick++) await Promise.resolve()
    const [asked] = server.asked('send')
    expect(asked?.url).toBe('https://feed.example/live/send?x=1')
    expect(asked?.frames).toEqual([
      { t: 'hello', v: 1, client: 'c1', conn: 'n1', token: 'secret', topics: [] },
      msg(1),
      msg(2),
    ])
    expect(asked?.init).toMatchObject({ method: 'POST', credentials: 'include', cache: 'no-store' })
    await clock.advance(0)
    expect(events.slice(-2)).toEqual(['message ok', 'message ok'])
    expect(carrier.bufferedAmount).toBe(0)
  })

  it('goes with the next request while one is out', async () => {
    const { clock, server, transport } = world({}, make)
    const { say } = await greeted(transport, clock)
    const held = holding(server)
    say(msg(1))
    await clock.advance(0)
    say(msg(2))
    await clock.advance(100)
    say(msg(3))
    expect(server.asked('send')).toHaveLength(1)
    held[0]?.()
    await clock.advance(0)
    expect(server.asked('send').map(idsOf)).toEqual([['c1-1'], ['c1-2', 'c1-3']])
  })
})

describe('a request with messages', () => {
  it('has no more than the server takes at once, and at least one', async () => {
    const { clock, server, transport } = world({ welcome: { limits: { inFlight: 2, messageBytes: 1_024 } } })
    const { say } = await greeted(transport, clock)
    say(msg(1))
    say(msg(2))
    say(msg(3))
    say(msg(4, 'x'.repeat(2_000)))
    say(msg(5, 'x'.repeat(900)))
    say(msg(6, 'x'.repeat(900)))
    await clock.advance(0)
    expect(server.asked('send').map(idsOf)).toEqual([['c1-1', 'c1-2'], ['c1-3'], ['c1-4'], ['c1-5'], ['c1-6']])
  })

  it('passes up what is answered, refusals too, and nothing that does not belong there', async () => {
    const { clock, server, transport } = world()
    const { say, frames } = await greeted(transport, clock)
    const err = { t: 'err', id: 'c1-1', code: 'rate', message: '', retry: 'later', afterMs: 5 }
    const answers = [
      err,
      { t: 'ok', id: 'c1-2', dup: true },
      { t: 'event', topic: 'a', epoch: 'e', seq: 1 },
      { t: 'subbed' },
    ]
    server.options.instead = ({ path }) =>
      path === 'send' ? new Response(answers.map(answer => JSON.stringify(answer)).join('\n')) : undefined
    say(msg(1))
    say(msg(2))
    await clock.advance(0)
    expect(frames.slice(1)).toEqual([err, answers[1]])
  })

  it('takes back what waits behind a message that has to come again', async () => {
    const { clock, server, transport } = world()
    const { say, carrier } = await greeted(transport, clock)
    const held: (() => void)[] = []
    const err = '{"t":"err","id":"c1-1","code":"rate","message":"","retry":"later"}'
    server.options.instead = () => new Promise<Response>(resolve => held.push(() => resolve(new Response(err))))
    say(msg(1))
    await clock.advance(0)
    say(msg(2))
    say({ t: 'ping' })
    held[0]?.()
    await clock.advance(0)
    expect([server.asked('send').length, carrier.bufferedAmount]).toEqual([1, 0])
  })

  it('ends the connection where it fails: nobody knows what was stored', async () => {
    const answers: readonly [() => Response, string][] = [
      [() => Response.error(), 'close 1006 "HTTP 0" broken'],
      [() => new Response(null, { status: 500 }), 'close 1006 "HTTP 500" broken'],
      [
        () => new Response(null, { status: 503, headers: { 'retry-after': '3' } }),
        'close 1013 "HTTP 503; after=3" broken',
      ],
      [() => new Response(null, { status: 404 }), 'close 1006 "not offered: HTTP 404" broken'],
      [() => new Response('<html>'), 'close 1006 "not offered: an answer without a frame" broken'],
      [() => new Response('{"t":"ok","id":"c1-2"}'), 'close 1006 "an answer without some of the messages" broken'],
      [
        () => new Response('{"t":"close","code":4300,"reason":"after=9"}', { status: 429 }),
        'close 4300 "after=9" clean',
      ],
      [
        () => {
          throw new TypeError('no network')
        },
        'close 1006 "a request failed" broken',
      ],
    ]
    for (const [answer, close] of answers) {
      const { clock, server, transport } = world()
      const { say, events } = await greeted(transport, clock)
      server.options.instead = ({ path }) => (path === 'send' ? answer() : undefined)
      say(msg(1))
      say(msg(2))
      await clock.advance(0)
      expect(events.at(-1)).toBe(close)
      expect(server.stream.gone).toBe(true)
    }
  })

  it('passes up what was answered before the server closed', async () => {
    const { clock, server, transport } = world()
    const { say, events } = await greeted(transport, clock)
    server.options.instead = () =>
      new Response('{"t":"ok","id":"c1-1"}\n{"t":"close","code":4201,"reason":"expired"}\n', { status: 401 })
    say(msg(1))
    say(msg(2))
    await clock.advance(0)
    expect(events.slice(2)).toEqual(['message ok', 'close 4201 "expired" clean'])
  })

  it('is given up after 30 s of silence, and not while answers come', async () => {
    const { clock, server, transport } = world()
    const { say, events, frames } = await greeted(transport, clock)
    let answer: ReadableStreamDefaultController<Uint8Array> | undefined
    const body = new ReadableStream<Uint8Array>({
      start: controller => {
        answer = controller
      },
    })
    server.options.instead = ({ path, init: { signal } }) => {
      if (path !== 'send') return undefined
      signal?.addEventListener('abort', () => answer?.error(signal.reason))
      return new Response(body)
    }
    // The stream itself is not silent.
    const beat = async (ms: number) => {
      for (let at = 0; at < ms; at += 5_000) {
        await clock.advance(5_000)
        if (!server.stream.gone) server.stream.write(':\n\n')
      }
    }
    say(msg(1))
    say(msg(2))
    await beat(25_000)
    answer?.enqueue(new TextEncoder().encode('{"t":"ok","id":"c1-1"}\n{"t":"o'))
    await beat(25_000)
    expect(frames.at(-1)).toEqual({ t: 'ok', id: 'c1-1' })
    expect(events).toHaveLength(3)
    await beat(5_000)
    expect(events.slice(3)).toEqual(['close 1006 "no answer to a request within 30 s" broken'])
  })
})
