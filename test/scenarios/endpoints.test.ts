import { afterEach, describe, expect, it, vi } from 'vitest'
import { ResilientWebSocket } from '../../src/index.ts'
import { accepts, type Behaviour, closes, hangs, refuses, resets, sequence } from '../../src/testing/index.ts'
import { thrownBy } from './hooked.ts'
import { openStory, type Setting, type Story, story } from './story.ts'

const [FIRST, SECOND, THIRD] = ['wss://one.example/', 'wss://two.example/', 'wss://three.example/'] as const
const ALL = [FIRST, SECOND, THIRD]

/** A server at several addresses: each does what is said here, or accepts. */
function at(places: Readonly<Record<string, Behaviour>>): Behaviour {
  return connection => (places[connection.dial.url] ?? accepts())(connection)
}

function urls({ server }: Story): readonly string[] {
  return server.dials.map(({ url }) => url)
}

const listed = (setting: Setting): Story => story({ url: ALL, ...setting })

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('a list of endpoints', () => {
  it('is dialled from its beginning, in the constructor, like a single one', () => {
    const { server, socket } = listed({})
    expect([server.dials.length, socket.url]).toEqual([1, FIRST])
  })

  it('makes room for the next when one cannot be reached', async () => {
    const here = listed({ behaviour: at({ [FIRST]: refuses(), [SECOND]: refuses() }) })
    await here.clock.advance(10_000)
    expect(urls(here)).toEqual(ALL)
    expect([here.socket.url, here.socket.readyState]).toEqual([THIRD, 1])
  })

  it('begins again after the last, and does not dial faster than a single one', async () => {
    const single = story({ behaviour: refuses() })
    const here = listed({ behaviour: refuses() })
    await single.clock.advance(60_000)
    await here.clock.advance(60_000)
    expect(urls(here).slice(0, 7)).toEqual([...ALL, ...ALL, FIRST])
    expect(here.dialTimes()).toEqual(single.dialTimes())
  })

  it.each<readonly [string, Behaviour]>([
    ['never answers', hangs()],
    ['accepts and drops before it is stable', resets({ afterMs: 9_000 })],
    ['accepts and closes at once', closes({ code: 1013 })],
  ])('makes room for the next when one %s', async (_, behaviour) => {
    const here = listed({ behaviour: at({ [FIRST]: behaviour }) })
    await here.clock.advance(60_000)
    expect(urls(here)).toEqual([FIRST, SECOND])
    expect(here.socket.readyState).toBe(1)
  })

  it('stays when it is the credential that was refused, and not the endpoint that failed', async () => {
    let issued = 0
    const here = listed({
      behaviour: sequence(closes({ code: 4401 }), accepts()),
      options: { auth: () => `token ${++issued}` },
    })
    await here.clock.advance(1_000)
    expect(urls(here)).toEqual([FIRST, FIRST])
    expect([issued, here.socket.readyState]).toEqual([2, 1])
  })

  it('makes room for the next when the hook finds one wanting', async () => {
    const here = listed({
      options: {
        beforeOpen: () => {
          if (here.socket.url === FIRST) throw new Error('read-only')
        },
      },
    })
    await here.clock.advance(10_000)
    expect(urls(here)).toEqual([FIRST, SECOND])
  })

  it('stays with one that was stable when its connection drops', async () => {
    const here = listed({ behaviour: at({ [FIRST]: refuses() }) })
    await here.clock.advance(60_000)
    expect(urls(here)).toEqual([FIRST, SECOND])
    here.server.latest.reset()
    await here.clock.advance(10_000)
    expect(urls(here)).toEqual([FIRST, SECOND, SECOND])
    expect(here.socket.readyState).toBe(1)
  })

  it('goes back to the first when the app reconnects', async () => {
    const here = listed({ behaviour: at({ [FIRST]: refuses() }) })
    await here.clock.advance(60_000)
    here.server.behaviour = accepts()
    here.socket.reconnect()
    await here.clock.advance(0)
    expect(urls(here)).toEqual([FIRST, SECOND, FIRST])
  })

  it('goes back to the first when a connection has reached its age', async () => {
    const here = listed({ behaviour: at({ [FIRST]: refuses() }), options: { maxAgeMs: 100_000 } })
    await here.clock.advance(60_000)
    here.server.behaviour = accepts()
    await here.clock.advance(100_000)
    expect(urls(here)).toEqual([FIRST, SECOND, FIRST])
    expect(here.socket.readyState).toBe(1)
  })

  it('does not turn because a provider failed: that says nothing of the endpoint', async () => {
    let asked = 0
    const protocols = (): string => {
      if (++asked < 3) throw new Error('no session')
      return 'v1'
    }
    const here = listed({ protocols })
    await here.clock.advance(30_000)
    expect([asked, urls(here)]).toEqual([3, [FIRST]])
  })

  it('of one is dialled as that one alone is', async () => {
    const single = story({ url: FIRST, behaviour: refuses() })
    const here = story({ url: [FIRST], behaviour: refuses() })
    await single.clock.advance(60_000)
    await here.clock.advance(60_000)
    expect(urls(here)).toEqual(urls(single))
  })

  it('may hold relative and http addresses and URL objects', async () => {
    vi.stubGlobal('location', { href: 'https://app.example/room/1' })
    const here = story({ url: ['/live', 'https://two.example', new URL(THIRD)], behaviour: refuses() })
    await here.clock.advance(10_000)
    expect(urls(here).slice(0, 3)).toEqual(['wss://app.example/live', 'wss://two.example/', THIRD])
  })

  it('of none throws ERR_OPTION, and nothing is dialled', () => {
    const { server } = story({ options: { startClosed: true } })
    const error = thrownBy(() => new ResilientWebSocket([], [], { WebSocket: server.WebSocket }))
    expect(error).toMatchObject({ code: 'ERR_OPTION', message: expect.stringContaining('`url`') })
    expect(server.dials).toEqual([])
  })

  it('whose first address is invalid throws as a single one does', () => {
    expect(() => story({ url: ['no url', SECOND] })).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
  })

  it('reports an invalid address further down, and goes on to the next', async () => {
    const here = story({ url: [FIRST, 'no url', THIRD], behaviour: at({ [FIRST]: refuses() }) })
    await here.clock.advance(20_000)
    expect(urls(here)).toEqual([FIRST, THIRD])
    expect(here.problems.map(({ code }) => code)).toEqual(['ERR_PROVIDER'])
    expect(here.socket.readyState).toBe(1)
  })

  it('does not change under the hands of the app', async () => {
    const mine = [...ALL]
    const here = story({ url: mine, behaviour: at({ [FIRST]: refuses() }) })
    mine.length = 0
    await here.clock.advance(10_000)
    expect(urls(here)).toEqual([FIRST, SECOND])
  })

  it('shows the address of the current connection, and of the last one between connections', async () => {
    const here = await openStory({ url: ALL })
    here.server.behaviour = at({ [FIRST]: refuses() })
    here.server.latest.reset()
    await here.clock.advance(1_000)
    expect([here.socket.url, here.socket.readyState]).toEqual([FIRST, 0])
    await here.clock.advance(1_000)
    expect(here.socket.url).toBe(SECOND)
  })
})
