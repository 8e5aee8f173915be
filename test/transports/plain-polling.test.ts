import { describe, expect, it } from 'vitest'
import { virtualClock } from '../../src/testing/index.ts'
import { type PollingOptions, polling } from '../../src/transports/polling.ts'
import type { PollAnswer, PollQuestion } from '../../src/transports/polling-plain.ts'
import { dialled, dialRequest } from './heard-carrier.ts'

function endpoint(answer: (question: PollQuestion, nth: number) => unknown, options: PollingOptions = {}) {
  const clock = virtualClock()
  const asked: (PollQuestion & { readonly at: number })[] = []
  const poll = async (question: PollQuestion): Promise<PollAnswer> => {
    asked.push({ ...question, at: clock.now() })
    return Object(await answer(question, asked.length))
  }
  const transport = polling({ poll, ...options })
  const dial = (more = {}) => dialled(transport, clock, { url: '/news', protocols: [], ...more })
  return { clock, asked, transport, dial }
}

const at = 'https://feed.example/news'

describe('an endpoint that is polled', () => {
  it('is open when it has answered, and is asked again for what is new since', async () => {
    const { clock, asked, dial } = endpoint(({ since }) => ({
      messages: [{ n: since }],
      since: Number(since ?? 0) + 1,
    }))
    const { carrier, events, raw } = dial({ url: at, token: 'secret' })
    expect([events, carrier.readyState, carrier.readOnly, carrier.url]).toEqual([[], 0, true, at])
    await clock.advance(0)
    expect(events[0]).toBe('open')
    await clock.advance(10_000)
    expect(raw).toEqual([{ n: undefined }, { n: 1 }, { n: 2 }])
    expect(asked.map(({ at, since, token }) => [at, since, token])).toEqual([
      [0, undefined, 'secret'],
      [5_000, 1, 'secret'],
      [10_000, 2, 'secret'],
    ])
  })

  it('goes on where the last connection of that socket was', async () => {
    const { clock, asked, dial } = endpoint((_, nth) => ({ messages: [], since: nth }))
    const socket = {}
    const { carrier } = dial({ url: at, socket })
    await clock.advance(0)
    carrier.close()
    await clock.advance(0)
    dial({ url: at, socket })
    dial({ url: at, socket: {} })
    await clock.advance(0)
    expect(asked.map(({ since }) => since)).toEqual([undefined, 1, undefined])
  })

  it('is asked at once after an answer that took longer, and never twice at a time', async () => {
    const { clock, asked, dial } = endpoint(
      (_, nth) => new Promise(resolve => clock.schedule(clock.now() + 8_000, () => resolve({ messages: [nth] }))),
      { everyMs: 1_000 },
    )
    dial({ url: at })
    await clock.advance(20_000)
    expect(asked.map(({ at }) => at)).toEqual([0, 8_000, 16_000])
  })

  it('fails as the status says that its function throws', async () => {
    const { clock, dial } = endpoint(() => {
      throw new Response(null, { status: 401 })
    })
    const { events, reported } = dial({ url: at })
    await clock.advance(0)
    expect([events, reported]).toEqual([['error', 'close 3000 "HTTP 401" broken'], []])
  })

  it('fails where its function throws, or answers what is no answer, and tells the app', async () => {
    for (const answer of [() => Promise.reject(new Error('no')), () => ({}), () => null, () => ({ messages: 'x' })]) {
      const { clock, dial } = endpoint(answer)
      const { events, reported } = dial({ url: at })
      await clock.advance(0)
      expect(events).toEqual(['error', 'close 1006 "a poll failed" broken'])
      expect(reported).toMatchObject([{ code: 'ERR_PROVIDER' }])
      expect(clock.timers).toBe(0)
    }
  })

  it('fails where an answer does not come, without an error once it was open', async () => {
    const { clock, asked, dial } = endpoint((_, nth) => (nth === 1 ? { messages: [] } : new Promise(() => {})), {
      timeoutMs: 10_000,
    })
    const { events } = dial({ url: at })
    await clock.advance(14_999)
    expect(events).toEqual(['open'])
    await clock.advance(1)
    expect(events.slice(1)).toEqual(['close 1006 "no answer within 10 s" broken'])
    expect(asked[1]?.signal.aborted).toBe(true)
  })

  it('gives nothing of an answer that comes after close(), and is not asked again', async () => {
    let answer: ((answer: unknown) => void) | undefined
    const { clock, asked, dial } = endpoint((_, nth) =>
      nth === 1
        ? { messages: [] }
        : new Promise(resolve => {
            answer = resolve
          }),
    )
    const { carrier, events } = dial({ url: at })
    await clock.advance(5_000)
    carrier.close()
    expect(asked[1]?.signal.aborted).toBe(true)
    answer?.({ messages: ['late'] })
    await clock.advance(60_000)
    expect([events, asked.length, clock.timers]).toEqual([['open', 'close 1005 "" clean'], 2, 0])
  })

  it('takes messages by the function of the app', async () => {
    const sent: unknown[] = []
    const { clock, dial } = endpoint(() => ({ messages: [] }), { send: (data, { url }) => void sent.push([data, url]) })
    const { carrier } = dial({ url: at })
    await clock.advance(0)
    carrier.send('x')
    await clock.advance(0)
    expect([sent, carrier.bufferedAmount]).toEqual([[['x', at]], 0])
  })

  it('needs a function that asks', () => {
    expect(() => polling().dial(dialRequest(virtualClock(), { protocols: [] }))).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION' }),
    )
  })
})
