import { describe, expect, it } from 'vitest'
import type { Credential } from '../../src/index.ts'
import { log } from '../../src/observe/index.ts'
import {
  accepts,
  type Behaviour,
  closes,
  hangs,
  refuses,
  resets,
  sequence,
  virtualClock,
} from '../../src/testing/index.ts'
import { type Setting, type Story, story } from '../scenarios/story.ts'

/** A story whose lines are kept. It begins at midnight, and chance says one half. */
function logged({ options = {}, ...setting }: Setting = {}): Story & { readonly lines: readonly string[] } {
  const lines: string[] = []
  const watch = log({ write: line => void lines.push(line) })
  return { ...story({ ...setting, options: { ...options, watch } }), lines }
}

async function linesOf(behaviour: Behaviour, ms: number, setting: Setting = {}): Promise<readonly string[]> {
  const { clock, lines } = logged({ ...setting, behaviour })
  await clock.advance(ms)
  return lines
}

/** Tokens that live for ten minutes, issued at midnight and at the first renewal. */
function tokens(): () => Credential {
  const midnight = virtualClock().wall()
  let issued = 0
  return () => ({ token: `token ${issued}`, expiresAt: midnight + 600_000 + 480_000 * issued++ })
}

/** A server that breaks the protocol on every connection. */
const breaks: Behaviour = connection => {
  connection.accept()
  connection.after(5, () => connection.breakProtocol())
}

const STOPS = 'nothing more is tried until reconnect()'

describe('a refused credential', () => {
  it('is told with the code, the reason and the refusal, and what happens next', async () => {
    let issued = 0
    const auth = (): string => `token ${++issued}`
    const behaviour = sequence(
      closes({ code: 4401, reason: 'token expired', afterMs: 3_600_000 }),
      closes({ code: 4401, afterMs: 50 }),
      closes({ code: 4401, afterMs: 50 }),
    )
    const lines = await linesOf(behaviour, 3_700_000, { options: { auth } })
    expect(lines).toEqual([
      '#1 8000 00:00:00Z fetching a credential',
      '#1 8000 00:00:00Z dialling',
      '#1 8000 00:00:00Z open',
      '#1 8000 01:00:00Z websocket closed by server: 4401 unauthorized "token expired" after 60 min, 0 in / 0 out; refreshing credentials (refusal 1), then reconnect (attempt 1)',
      '#2 8000 01:00:00Z fetching a fresh credential, the last one was refused',
      '#2 8000 01:00:00Z dialling (attempt 1)',
      '#2 8000 01:00:00Z reconnected (attempt 1)',
      '#2 8000 01:00:00Z websocket closed by server: 4401 unauthorized after 50 ms, 0 in / 0 out; refreshing credentials (refusal 2), then next try in 4 s, 01:00:04Z (attempt 2; backoff)',
      '#3 8000 01:00:04Z fetching a fresh credential, the last one was refused',
      '#3 8000 01:00:04Z dialling (attempt 2)',
      '#3 8000 01:00:04Z reconnected (attempt 2)',
      `#3 8000 01:00:04Z websocket closed by server: 4401 unauthorized after 50 ms, 0 in / 0 out; unauthorized, 3 credentials refused in a row; ${STOPS}`,
    ])
  })

  it('is final without an auth provider, and the line says so', async () => {
    const lines = await linesOf(closes({ code: 4401 }), 1_000)
    expect(lines.at(-1)).toMatch(/; unauthorized, and no auth provider to ask; nothing more/)
  })

  it('that was replaced long since is told with the fresher one that is here', async () => {
    const { clock, lines } = logged({
      behaviour: sequence(closes({ code: 4401, afterMs: 600_000 }), accepts()),
      options: { auth: { provider: tokens(), onRotate: 'keep' } },
    })
    await clock.advance(600_000)
    expect(lines.slice(5)).toEqual([
      expect.stringMatching(/; a fresher credential is here \(refusal 1\), then reconnect \(attempt 1\)$/),
      '#2 8000 00:10:00Z dialling (attempt 1)',
      '#2 8000 00:10:00Z reconnected (attempt 1)',
    ])
  })

  it('is told when the provider hands out the same one again', async () => {
    const lines = await linesOf(closes({ code: 4401 }), 60_000, { options: { auth: () => 'same' } })
    expect(lines.slice(5)).toEqual([
      expect.stringMatching(
        /^#2 .* not dialled, the provider gave the refused credential: 1006 no close frame; refreshing credentials \(refusal 2\), then next try in 4 s/,
      ),
      expect.stringMatching(/fetching a fresh credential, the last one was refused$/),
      expect.stringMatching(/; unauthorized, 3 credentials refused in a row; nothing more/),
    ])
  })
})

describe('a credential that is renewed', () => {
  it('has a line for the fetch, and one that says what becomes of the connection', async () => {
    const { clock, lines } = logged({ options: { auth: tokens() } })
    await clock.advance(481_000)
    expect(lines.slice(3)).toEqual([
      '#1 8000 00:08:00Z renewing the credential',
      '#1 8000 00:08:00Z credential renewed, expires 00:18:00Z; the connection is replaced at its first silence, by 00:10:00Z',
      '#1 8000 00:08:00Z websocket closed by this side: 1006 no close frame after 480 s, 0 in / 0 out; trying now (replacing the connection: a fresh credential or its maximum age)',
      '#2 8000 00:08:00Z dialling',
      '#2 8000 00:08:00Z reconnected (attempt 0)',
    ])
  })

  it('leaves the connection alone where the app says so', async () => {
    const { clock, lines } = logged({ options: { auth: { provider: tokens(), onRotate: 'keep' } } })
    await clock.advance(481_000)
    expect(lines.at(-1)).toBe('#1 8000 00:08:00Z credential renewed, expires 00:18:00Z')
  })

  it('at the wish of the app says so', async () => {
    let issued = 0
    const { clock, lines, socket } = logged({ options: { auth: () => `token ${++issued}` } })
    await clock.advance(0)
    socket.refreshAuth()
    await clock.advance(0)
    expect(lines.slice(3, 5)).toEqual([
      '#1 8000 00:00:00Z renewing the credential, as the app asked',
      '#1 8000 00:00:00Z credential renewed; the connection is replaced at its first silence, by 00:01:00Z',
    ])
  })

  it('or not has a line that says when it is tried again', async () => {
    let down = false
    const token = tokens()
    const auth = (): Credential | Promise<never> => (down ? Promise.reject(new Error('503')) : token())
    const { clock, lines } = logged({ options: { auth } })
    await clock.advance(0)
    down = true
    await clock.advance(481_000)
    expect(lines.at(-1)).toBe('#1 8000 00:08:00Z the credential could not be renewed; next try 00:09:00Z')
  })

  it('by a provider that hangs is given up, and told', async () => {
    let hanging = false
    const token = tokens()
    const auth = (): Credential | Promise<never> => (hanging ? new Promise(() => {}) : token())
    const { clock, lines } = logged({ options: { auth } })
    await clock.advance(0)
    hanging = true
    await clock.advance(491_000)
    expect(lines.at(-1)).toBe('#1 8000 00:08:10Z the credential could not be renewed in time; next try 00:09:05Z')
  })
})

describe('a credential that has expired', () => {
  it('is told before the dial that needs another one', async () => {
    let down = false
    const token = tokens()
    const auth = (): Credential | Promise<never> => (down ? Promise.reject(new Error('503')) : token())
    const { clock, lines } = logged({ behaviour: resets({ afterMs: 700_000 }), options: { auth } })
    await clock.advance(0)
    down = true
    await clock.advance(703_000)
    expect(lines.filter(line => line.includes('fetching'))).toEqual([
      '#1 8000 00:00:00Z fetching a credential',
      '#2 8000 00:11:42Z fetching a fresh credential, the last one has expired',
    ])
  })
})

describe('a connection', () => {
  it('that reaches its maximum age has a line, and one for its replacement', async () => {
    const { clock, lines } = logged({ options: { maxAgeMs: 1_000_000 } })
    await clock.advance(901_000)
    expect(lines.slice(2)).toEqual([
      '#1 8000 00:15:00Z maximum age reached; the connection is replaced at its first silence, by 00:16:00Z',
      expect.stringMatching(/^#1 8000 00:15:00Z websocket closed by this side: .*replacing the connection/),
      '#2 8000 00:15:00Z dialling',
      '#2 8000 00:15:00Z reconnected (attempt 0)',
    ])
  })

  it('whose credential does not come in time says so, and not that it serves', async () => {
    const lines = await linesOf(accepts(), 10_000, { options: { auth: () => new Promise<never>(() => {}) } })
    expect(lines.at(-1)).toMatch(/#1 .* not dialled, the URL, the protocols or the credential could not be fetched/)
  })

  it('of somebody who signs out says that nobody is signed in', async () => {
    let signedIn = true
    const { clock, lines, socket } = logged({ options: { auth: () => (signedIn ? 'token' : null) } })
    await clock.advance(1_000)
    signedIn = false
    socket.refreshAuth()
    await clock.advance(0)
    expect(lines.at(-1)).toBe(
      `#1 8000 00:00:01Z websocket closed by this side: 1006 no close frame after 1 s, 0 in / 0 out; nobody is signed in; ${STOPS}`,
    )
  })

  it('that is not there when somebody signs out is not said to be closed by the app', async () => {
    let signedIn = true
    const { clock, lines, socket } = logged({
      behaviour: refuses(),
      options: { auth: () => (signedIn ? 'token' : null) },
    })
    await clock.advance(1_000)
    signedIn = false
    socket.refreshAuth()
    await clock.advance(0)
    expect(lines.at(-1)).toBe(`00:00:01Z closed while waiting: 1006 no close frame; nobody is signed in; ${STOPS}`)
  })

  it('that the app closes while its credential is fetched says just that', async () => {
    const { clock, lines, socket } = logged({ options: { auth: () => new Promise<never>(() => {}) } })
    socket.close()
    await clock.advance(60_000)
    expect(lines).toEqual([
      '#1 8000 00:00:00Z fetching a credential',
      `#1 8000 00:00:00Z websocket closed by this side: 1006 no close frame; as asked; ${STOPS}`,
    ])
  })

  it('whose hook fails says so', async () => {
    const beforeOpen = (): Promise<void> => Promise.reject(new Error('no ack'))
    const lines = await linesOf(accepts(), 0, { options: { beforeOpen } })
    expect(lines.at(-1)).toBe(
      '#1 8000 00:00:00Z websocket given up, beforeOpen failed: 1006 no close frame; next try in 2 s, 00:00:02Z (attempt 1; backoff)',
    )
  })

  it.each([
    [1002, 'protocol error', ', a bug of the server or a proxy'],
    [1003, 'unsupported data', ', a bug of the app'],
    [1007, 'invalid payload data', ', a bug of the app'],
    [1010, 'extension missing', ', a bug of the server'],
    [4403, 'forbidden', ''],
  ])(
    'that ends with %i for good says at which code the policy stops, and whose bug it is',
    async (code, name, whose) => {
      const lines = await linesOf(closes({ code, afterMs: 20 }), 60_000)
      expect(lines.slice(2)).toEqual([
        `#1 8000 00:00:00Z websocket closed by server: ${code} ${name} after 20 ms, 0 in / 0 out; the close policy stops at ${code}${whose}; ${STOPS}`,
      ])
    },
  )

  it('that the browser fails for the third time in a row is called a protocol violation', async () => {
    const lines = await linesOf(connection => {
      connection.accept()
      connection.after(5, () => connection.breakProtocol())
    }, 40_000)
    const failed = lines.filter(line => line.includes('failed by the browser'))
    expect(failed.map(line => line.includes('protocol violation'))).toEqual([false, false, true, true])
    expect(failed[2]).toContain(
      'websocket failed by the browser (bad frame or bad UTF-8), three in a row: a protocol violation by the server: 1006 no close frame after 5 ms, 0 in / 0 out; next try in 30 s',
    )
  })

  it('that the browser fails twice after another end is not called so', async () => {
    const lines = await linesOf(sequence(resets(), breaks, breaks, accepts()), 60_000)
    expect(lines.filter(line => line.includes('failed by the browser'))).toHaveLength(2)
    expect(lines.join('\n')).not.toContain('protocol violation')
  })

  it('that has not been dialled yet says what is fetched', async () => {
    const lines = await linesOf(hangs(), 0, { url: async () => 'wss://feed.example' })
    expect(lines[0]).toBe('#1 8000 00:00:00Z fetching what the dial needs')
  })
})
