import { describe, expect, it, vi } from 'vitest'
import { type AuthOptions, type Carry, type DialContext, firstMessage, subprotocol, ticket } from '../../src/index.ts'
import type { Behaviour } from '../../src/testing/index.ts'
import { counts, fromProtocol, provides } from './auth-story.ts'
import { openStory, type Setting, story } from './story.ts'

function carrying(carry: Carry, setting: Setting = {}): Setting {
  const auth: AuthOptions = { provider: () => 'the token', carry }
  return { ...setting, options: { ...setting.options, auth } }
}

/** Selects the last subprotocol that was asked for. */
const selectsLast: Behaviour = connection => connection.accept(connection.dial.protocols.at(-1))

describe('subprotocol()', () => {
  it('asks for the companion first, then for the app’s own, and for the token last', async () => {
    const { server, socket } = await openStory(carrying(subprotocol('v2'), { protocols: ['chat', 'v2'] }))
    expect(server.dials[0]?.protocols.slice(0, 2)).toEqual(['v2', 'chat'])
    expect(server.dials[0]?.protocols[2]).toMatch(/^bearer\./)
    expect(server.dials[0]?.protocols).toHaveLength(3)
    expect(fromProtocol(server.dials[0]?.protocols[2] ?? '')).toBe('the token')
    expect(socket.protocol).toBe('v2')
  })

  it('shows the companion, which is what the server selects', async () => {
    const { socket, problems } = await openStory(carrying(subprotocol('v1', 'token-')))
    expect(socket.protocol).toBe('v1')
    expect(problems).toEqual([])
  })

  it('reports a server that selects the secret instead, and shows it nowhere', async () => {
    const seen: string[] = []
    const { socket, problems } = await openStory(
      carrying(subprotocol('v1'), {
        behaviour: selectsLast,
        options: { beforeOpen: ({ protocol }) => void seen.push(protocol) },
      }),
    )
    expect(socket.protocol).toBe('')
    expect(seen).toEqual([''])
    expect(problems.map(({ code }) => code)).toEqual(['ERR_SECRET'])
    expect(problems[0]?.message).not.toContain('bearer')
  })
})

describe('firstMessage()', () => {
  it('is sent before what beforeOpen, subscriptions, open listeners and the outbox send, on every connection', async () => {
    const provider = counts()
    const carry = firstMessage(token => `AUTH ${token}`)
    const { clock, server, socket } = story({
      options: { auth: { provider, carry }, beforeOpen: connection => connection.send('hook') },
    })
    socket.send('queued')
    socket.subscribe('a', { join: connection => connection.send('join') })
    socket.addEventListener('open', () => socket.send('in open'))
    await clock.advance(0)
    expect(server.latest.received[0]).toBe('AUTH token 1')
    expect(server.latest.received.slice(1).sort()).toEqual(['hook', 'in open', 'join', 'queued'])
    expect(server.latest.received[1]).toBe('hook')
    server.latest.reset()
    await clock.advance(2_000)
    expect(server.latest.received[0]).toBe('AUTH token 1')
  })

  it('is heard by the server alone: no event tells of it', async () => {
    const { journal, server } = await openStory(carrying(firstMessage(token => token)))
    expect(journal).toEqual([])
    expect(server.received).toEqual(['the token'])
  })
})

describe('ticket()', () => {
  it('is fetched for every dial, is in the real URL, and not in socket.url', async () => {
    let tickets = 0
    const fetchTicket = vi.fn(async () => `once ${++tickets}`)
    const { clock, server, socket } = await openStory(carrying(ticket(fetchTicket)))
    server.latest.reset()
    await clock.advance(2_000)
    expect(server.dials.map(({ url }) => url)).toEqual([
      'wss://feed.example/live?ticket=once+1',
      'wss://feed.example/live?ticket=once+2',
    ])
    expect(socket.url).toBe('wss://feed.example/live')
    expect(fetchTicket).toHaveBeenCalledWith({ token: 'the token', signal: expect.any(AbortSignal) })
  })

  it('goes behind a query that is there', async () => {
    const url = 'wss://feed.example/live?room=7'
    const { server, socket } = await openStory(
      carrying(
        ticket(() => 'once', 't'),
        { url },
      ),
    )
    expect(server.dials[0]?.url).toBe('wss://feed.example/live?room=7&t=once')
    expect(socket.url).toBe(url)
  })

  it.each([
    ['rejects', (): Promise<string> => Promise.reject(new Error('503'))],
    ['is empty', () => ''],
    ['is nothing', () => Promise.resolve(undefined as unknown as string)],
  ])('that %s is a failed attempt with backoff', async (_, fetchTicket) => {
    const { clock, server, closings, problems } = story(carrying(ticket(fetchTicket)))
    await clock.advance(0)
    expect(server.dials).toEqual([])
    expect(closings[0]).toMatchObject({ willReconnect: true, retryInMs: 2_000 })
    expect(problems.map(({ code }) => code)).toEqual(['ERR_PROVIDER'])
  })

  it('that hangs is given up and aborted, within the time that the credential has', async () => {
    const signals: AbortSignal[] = []
    const { clock, closings } = story(
      carrying(
        ticket(({ signal }) => {
          signals.push(signal)
          return new Promise(() => {})
        }),
      ),
    )
    await clock.advance(10_000)
    expect(closings[0]?.disconnect.origin).toBe('provider')
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })
})

describe('a carry of the app’s own', () => {
  it('is called for every dial with what the app asked for, and says what the dial carries', async () => {
    const carry = vi.fn<Carry>(({ token, protocols }) => ({
      companion: 'json',
      protocols: ['json', ...protocols, `x-${token.replace(' ', '-')}`],
      query: { v: '3' },
      firstMessage: 'hello',
    }))
    const { clock, server, socket } = await openStory(carrying(carry, { protocols: 'chat' }))
    expect(carry).toHaveBeenCalledWith({
      token: 'the token',
      url: 'wss://feed.example/live',
      protocols: ['chat'],
      signal: expect.any(AbortSignal),
    })
    expect(server.dials[0]).toMatchObject({
      url: 'wss://feed.example/live?v=3',
      protocols: ['json', 'chat', 'x-the-token'],
    })
    expect(server.received).toEqual(['hello'])
    expect(socket.url).toBe('wss://feed.example/live')
    server.latest.reset()
    await clock.advance(2_000)
    expect(carry).toHaveBeenCalledTimes(2)
  })

  it('that answers with nothing is a failed attempt, reported by its name', async () => {
    const { clock, problems, server } = story(carrying((() => undefined) as unknown as Carry))
    await clock.advance(0)
    expect(server.dials).toEqual([])
    expect(problems.map(({ message }) => message)).toEqual([
      'Expected `auth.carry()` to be { protocols, companion, query, firstMessage }, got undefined.',
    ])
  })

  it('needs a token: a provider that answers without one is told', async () => {
    const { clock, problems } = story({
      options: { auth: { provider: provides(undefined), carry: subprotocol('v1') } },
    })
    await clock.advance(0)
    expect(problems.map(({ code, message }) => [code, message])).toEqual([
      ['ERR_PROVIDER', '`auth.carry` needs a token, and `auth` answered without one.'],
    ])
  })
})

describe('the app’s url and protocols functions', () => {
  it('are given the token', async () => {
    const seen: DialContext[] = []
    const { server } = await openStory({
      url: dial => {
        seen.push(dial)
        return 'wss://feed.example/live'
      },
      protocols: ({ token }) => ['v1', `t.${token}`],
      options: { auth: () => 'abc' },
    })
    expect(seen[0]?.token).toBe('abc')
    expect(server.dials[0]?.protocols).toEqual(['v1', 't.abc'])
  })

  it('are given none where there is no auth', async () => {
    let token: string | undefined = 'some'
    await openStory({
      url: dial => {
        token = dial.token
        return 'wss://feed.example/live'
      },
    })
    expect(token).toBeUndefined()
  })

  it.each<[string, (token: string) => string | URL]>([
    ['in the query', token => `wss://feed.example/?access_token=${token}`],
    ['in the query, encoded', token => `wss://feed.example/?access_token=${encodeURIComponent(token)}`],
    ['in the path of a URL object', token => new URL(`wss://feed.example/${token}/live`)],
    ['as base64url', token => `wss://feed.example/?t=${Buffer.from(token).toString('base64url')}`],
  ])('may not put it into the URL: %s', async (_, url) => {
    const { clock, server, problems, closings } = story({
      url: ({ token }) => url(`${token}`),
      options: { auth: () => "a token/that's+ours=" },
    })
    await clock.advance(0)
    expect(server.dials).toEqual([])
    expect(closings[0]?.willReconnect).toBe(true)
    expect(problems.map(({ code, message }) => [code, message])).toEqual([
      ['ERR_PROVIDER', 'The URL holds the credential, and URLs are logged: use `ticket()`.'],
    ])
  })

  it('are not suspected because a short token is a part of a word', async () => {
    await openStory({ url: () => 'wss://feed.example/live', options: { auth: () => 'e' } })
  })

  it('with a short token in the query are', async () => {
    const { clock, server } = story({
      url: ({ token }) => `wss://feed.example/?t=${token}`,
      options: { auth: () => 'e' },
    })
    await clock.advance(0)
    expect(server.dials).toEqual([])
  })
})
