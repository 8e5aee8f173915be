import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Finding, type ProbeOptions, probe } from '../../src/observe/index.ts'
import { refuses } from '../../src/testing/index.ts'
import { story } from '../scenarios/story.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

interface Asked {
  readonly url: unknown
  readonly init: RequestInit | undefined
}

/** A socket that never connects, and what a probe finds. */
function probed(answer: () => Response | Promise<Response>, options: Partial<ProbeOptions> = {}) {
  const findings: Finding[] = []
  const asked: Asked[] = []
  const fetch = async (url: unknown, init?: RequestInit): Promise<Response> => {
    asked.push({ url, init })
    return answer()
  }
  const made = story({ behaviour: refuses() })
  const tell = (finding: Finding): void => void findings.push(finding)
  made.socket.on('transition', probe({ url: '/live/health', tell, fetch, ...options }))
  return { ...made, findings, asked }
}

const status =
  (code: number, headers: HeadersInit = {}) =>
  (): Response =>
    new Response(code === 204 ? null : 'x', { status: code, headers })

describe('a probe', () => {
  it.each([
    [200, 'open', /^the probe answered 200: .*WebSocket that does not get through/],
    [204, 'open', /204/],
    [400, 'bad-request', /400/],
    [401, 'unauthorized', /credential is refused/],
    [403, 'forbidden', /403/],
    [404, 'not-found', /nothing is served/],
    [426, 'upgrade-required', /proxy has taken it away/],
    [429, 'too-many', /429/],
    [502, 'bad-gateway', /reaches no server/],
    [503, 'unavailable', /503/],
    [504, 'gateway-timeout', /in vain/],
    [500, 'server-error', /fails/],
    [418, 'other-status', /nobody expected/],
    [302, 'captive-portal', /captive portal/],
  ] as const)('that is answered %d finds: %s', async (code, kind, line) => {
    const { clock, findings } = probed(status(code))
    await clock.advance(10)
    expect(findings).toEqual([{ kind, status: code, retryAfterMs: null, line: expect.stringMatching(line) }])
  })

  it('knows a page in place of the endpoint', async () => {
    const { clock, findings } = probed(status(200, { 'content-type': 'text/html; charset=utf-8' }))
    await clock.advance(10)
    expect(findings[0]?.kind).toBe('captive-portal')
  })

  it.each([
    ['30', 30_000],
    ['999999999', 600_000],
    ['Wed, 21 Oct 2026 07:28:00 GMT', null],
    ['-5', null],
  ])('reads `Retry-After: %s`', async (asked, retryAfterMs) => {
    const { clock, findings } = probed(status(503, { 'retry-after': asked }))
    await clock.advance(10)
    expect(findings).toMatchObject([{ kind: 'unavailable', retryAfterMs }])
    expect(findings[0]?.line.includes('asked again in')).toBe(retryAfterMs !== null)
  })

  it('tells offline, unreachable and no answer apart', async () => {
    const gone = probed(() => Promise.reject(new TypeError('Failed to fetch')))
    await gone.clock.advance(10)
    expect(gone.findings).toMatchObject([{ kind: 'unreachable', status: null }])
    gone.page.say('offline')
    await gone.clock.advance(200_000)
    expect(gone.findings.at(-1)?.kind).toBe('offline')

    vi.useFakeTimers()
    const silent = probed(() => new Promise(() => {}), {
      fetch: (_, init) => new Promise((_, reject) => init?.signal?.addEventListener('abort', reject)),
    })
    await silent.clock.advance(10)
    await vi.advanceTimersByTimeAsync(10_000)
    vi.useRealTimers()
    expect(silent.findings).toMatchObject([{ kind: 'no-answer' }])
  })

  it('is made at most once in 30 s, and only for dials that failed', async () => {
    const { clock, asked, server } = probed(status(502))
    await clock.advance(29_000)
    expect([asked.length, server.dials.length > 3]).toEqual([1, true])
    await clock.advance(30_000)
    expect(asked.length).toBe(2)
    const good = story({})
    const other = vi.fn(async () => new Response())
    good.socket.on('transition', probe({ url: '/x', fetch: other }))
    await good.clock.advance(0)
    good.server.latest.reset()
    await good.clock.advance(0)
    expect(other).not.toHaveBeenCalled()
  })

  it('carries the headers that it is given, follows nowhere, and shows nothing of them', async () => {
    const { clock, asked, findings } = probed(status(401), {
      headers: async () => ({ authorization: 'Bearer secret' }),
    })
    await clock.advance(10)
    expect(asked).toMatchObject([
      {
        url: '/live/health',
        init: { headers: { authorization: 'Bearer secret' }, redirect: 'manual', cache: 'no-store' },
      },
    ])
    expect(JSON.stringify(findings)).not.toContain('secret')
  })

  it('writes a line where nobody else is told', async () => {
    const written = vi.spyOn(console, 'info').mockImplementation(() => {})
    vi.stubGlobal('fetch', status(502))
    const { clock, socket } = story({ behaviour: refuses() })
    socket.on('transition', probe({ url: new URL('https://feed.example/health') }))
    await clock.advance(10)
    expect(written).toHaveBeenCalledWith('00:00:00Z the probe answered 502: a proxy reaches no server')
  })

  it('survives functions that fail, and reports them', async () => {
    const reported = vi.fn()
    vi.stubGlobal('reportError', reported)
    const failing = (): never => {
      throw new Error('Bearer secret')
    }
    const { clock, socket } = probed(status(200), { tell: failing })
    await clock.advance(10)
    const second = probed(status(200), { headers: failing })
    await second.clock.advance(10)
    expect(reported).toHaveBeenCalledTimes(2)
    expect(reported.mock.calls[0]?.[0]).toMatchObject({ code: 'ERR_HANDLER', message: 'A function of `probe` failed.' })
    expect(socket.readyState).toBe(0)
  })

  it.each([
    [{}, 'probe.url'],
    [{ url: 5 }, 'probe.url'],
    [{ url: '/x', headers: {} }, 'probe.headers'],
    [{ url: '/x', tell: 'x' }, 'probe.tell'],
    [{ url: '/x', fetch: 1 }, 'probe.fetch'],
  ])('refuses wrong options: %j', (options, name) => {
    expect(() => Reflect.apply(probe, undefined, [options])).toThrow(new RegExp(`^Expected \`${name}\` to be`))
  })
})
