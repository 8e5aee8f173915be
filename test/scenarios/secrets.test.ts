/** Tokens go in at every place where one can, and are looked for in everything that comes out. */
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import {
  type AuthOptions,
  type DialContext,
  firstMessage,
  type Options,
  ResilientError,
  subprotocol,
  type TransitionRecord,
  ticket,
} from '../../src/index.ts'
import { log } from '../../src/observe/index.ts'
import type { ScriptedConnection } from '../../src/testing/index.ts'
import { type Setting, type Story, story } from './story.ts'

vi.setConfig({ testTimeout: 60_000 })

/** A way into the socket. */
type Door = (token: string, secret: string) => Setting

const asked = (auth: AuthOptions, setting: Setting = {}): Setting => ({ ...setting, options: { auth } })

/** `token` is the credential, `secret` a ticket or another secret that belongs to it. */
const DOORS: Readonly<Record<string, Door>> = {
  'a provider that answers with a string': token => asked({ provider: () => token }),
  'a provider that answers with an object': token => asked({ provider: async () => ({ token, identity: 'ann' }) }),
  'a subprotocol': token => asked({ provider: () => token, carry: subprotocol('v1') }),
  'the first message': token => asked({ provider: () => token, carry: firstMessage(each => `AUTH ${each}`) }),
  'a ticket': (token, secret) => asked({ provider: () => token, carry: ticket(() => secret) }),
  'a ticket behind a query': (token, secret) =>
    asked({ provider: () => token, carry: ticket(async () => secret, 'one time') }, { url: 'wss://feed.example/?a=b' }),
  'a query of the app’s own carry': (token, secret) =>
    asked({ provider: () => token, carry: () => ({ query: { access: token, other: secret } }) }),
  'protocols of the app’s own carry': token =>
    asked({
      provider: () => token,
      carry: ({ protocols }) => ({ companion: 'v2', protocols: [...protocols, 'v2', encoded(token)] }),
    }),
  'a url function that puts the token into the query': token =>
    asked(
      { provider: () => token },
      { url: dial => `wss://feed.example/?token=${encodeURIComponent(`${dial.token}`)}` },
    ),
  'a url function that puts the token into the path': token =>
    asked(
      { provider: () => token },
      { url: dial => new URL(`wss://feed.example/${encodeURIComponent(`${dial.token}`)}`) },
    ),
  'a protocols function': token =>
    asked({ provider: () => token }, { protocols: ({ token }: DialContext) => ['v1', encoded(`${token}`)] }),
  'protocols that the platform refuses': token =>
    asked({ provider: () => token }, { protocols: ({ token }: DialContext) => ['v1', `not valid: ${token}`] }),
  'a hook': token => ({
    options: {
      auth: () => token,
      beforeOpen: connection => connection.send(token),
    },
  }),
  'a hook that repeats what the server said': token => ({
    options: {
      auth: () => token,
      async beforeOpen(connection) {
        const { data } = await connection.receive()
        connection.close(4401, `${data}`.slice(0, 100))
      },
    },
  }),
}

const encoded = (token: string): string => Buffer.from(token).toString('base64url')

/** What the server does with what it was shown: it repeats it wherever a server can. */
const ECHOES: Readonly<Record<string, (connection: ScriptedConnection, shown: string) => void>> = {
  'in the close reason': (connection, shown) => {
    connection.accept()
    connection.close(4401, `bad token ${cut(shown, 100)}`)
  },
  'in the close reason, encoded for a URL': (connection, shown) => {
    connection.accept()
    connection.close(4000, cut(encodeURIComponent(shown), 120))
  },
  'in the close reason, as base64url': (connection, shown) => {
    connection.accept()
    connection.close(1008, cut(encoded(shown), 120))
  },
  'in the close reason, as JSON': (connection, shown) => {
    connection.accept()
    connection.close(3000, cut(JSON.stringify({ token: shown }), 120))
  },
  'as the selected subprotocol': connection => connection.accept(connection.dial.protocols.at(-1)),
  'as its first message': (connection, shown) => {
    connection.accept()
    connection.send(shown)
  },
  'by refusing the handshake': connection => connection.refuse(),
}

/** The first bytes of UTF-8, as a close reason takes no more than 123. */
function cut(text: string, bytes: number): string {
  return new TextDecoder().decode(new TextEncoder().encode(text).slice(0, bytes), { stream: true })
}

/** What comes out of a socket, all of it, as text. */
interface Leak {
  readonly where: string
  readonly text: string
}

function told(error: unknown): string {
  if (!(error instanceof Error)) return ''
  // The error of the app's own provider is kept as the cause, and is the app's own.
  const ours = error instanceof ResilientError || error.message.includes('[redacted]') || error.name === 'SyntaxError'
  const { cause } = error
  return ours ? `${error.name} ${error.message} ${error.stack} ${JSON.stringify(error)} ${told(cause)}` : ''
}

function everything(
  { socket, records, statuses, problems, closings, discards }: Story,
  lines: readonly string[],
): Leak[] {
  return [
    ...lines.map(text => ({ where: 'a line', text })),
    ...records.map((record: TransitionRecord) => ({ where: 'a record', text: JSON.stringify(record) })),
    ...[...statuses, socket.status].map(status => ({ where: 'a status', text: JSON.stringify(status) })),
    ...problems.map(problem => ({ where: 'a problem', text: told(problem) })),
    ...closings.map(({ code, reason, disconnect }) => ({
      where: 'a close event',
      text: `${code} ${reason} ${JSON.stringify(disconnect)}`,
    })),
    ...discards.map(discard => ({ where: 'a discard', text: JSON.stringify(discard) })),
    { where: 'the url', text: `${socket.url} ${asRead(socket.url)}` },
    { where: 'the protocol', text: socket.protocol },
  ]
}

function asRead(url: string): string {
  try {
    return decodeURIComponent(url)
  } catch {
    return url
  }
}

/** Where a secret shows, raw, encoded for a URL or a query, or as base64url; or the better half of it. */
function leaks(secret: string, out: readonly Leak[]): readonly string[] {
  const half = secret.slice(0, Math.max(12, Math.ceil(secret.length / 2)))
  const query = `${new URLSearchParams({ '': secret })}`.slice(1)
  const forms = [secret, half, encodeURIComponent(secret), query, encoded(secret), JSON.stringify(secret).slice(1, -1)]
  return out
    .filter(({ text }) => forms.some(form => text.includes(form)))
    .map(({ where, text }) => `${where}: ${text.slice(0, 200)}`)
}

// Long enough to be told from words; of every kind of letter, as JWTs are not the only tokens.
const letters = fc.oneof(
  { weight: 3, arbitrary: fc.base64String({ minLength: 16, maxLength: 300 }) },
  fc.string({ unit: 'grapheme-ascii', minLength: 16, maxLength: 60 }),
  fc.string({ unit: fc.constantFrom('é', '✓', '𝄞', 'ß', '/', '+', '=', '%', '&', "'", '"', ' ', 'x'), minLength: 16 }),
)
const secretText = fc.tuple(
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 12, maxLength: 12 }),
  letters,
)
const plot = fc.record({
  token: secretText.map(([head, tail]) => `t${head}${tail}`),
  secret: secretText.map(([head, tail]) => `s${head}${tail}`),
  door: fc.constantFrom(...Object.keys(DOORS)),
  echo: fc.constantFrom(...Object.keys(ECHOES)),
})

async function live(door: string, echo: string, token: string, secret: string): Promise<readonly Leak[]> {
  const lines: string[] = []
  const records: TransitionRecord[] = []
  const write = log({ write: line => void lines.push(line) })
  const { options = {}, ...setting } = DOORS[door]?.(token, secret) ?? {}
  const watch = (record: TransitionRecord): void => {
    write(record)
    records.push(record)
  }
  const takesBoth = (DOORS[door]?.length ?? 0) > 1
  let shown = 0
  const answer: Options = { ...options, watch }
  const life = story({
    ...setting,
    options: answer,
    // What went in: the token, and where there is one the ticket, in turn.
    behaviour: connection => ECHOES[echo]?.(connection, takesBoth && shown++ % 2 ? secret : token),
  })
  const { clock, socket } = life
  await clock.advance(100)
  const middle = everything({ ...life, records }, lines)
  socket.send('an app message')
  await clock.advance(20_000)
  if (socket.readyState !== 3) socket.refreshAuth()
  await clock.advance(60_000)
  socket.close()
  await clock.advance(0)
  return [...middle, ...everything({ ...life, records }, lines)]
}

describe('no secret comes out', () => {
  it('whatever way it went in, and whatever the server does with it', async () => {
    await fc.assert(
      fc.asyncProperty(plot, async ({ token, secret, door, echo }) => {
        const out = await live(door, echo, token, secret)
        expect([...leaks(token, out), ...leaks(secret, out)]).toEqual([])
      }),
      { numRuns: 600, seed: Number(process.env.HOLDFAST_SEED ?? 20_250_107) },
    )
  })

  it.each(Object.keys(DOORS).flatMap(door => Object.keys(ECHOES).map(echo => [door, echo])))(
    'that came by %s, repeated %s',
    async (door, echo) => {
      const token =
        'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4iLCJpYXQiOjE1MTYyMzkwMjJ9.KMUFsIDTnFmyG3nMiGM6H9FNFUROf3wh7SmqJp-QV30+/='
      const secret = 'once-5e884898da28047151d0e56f8dc62927 73603d0d6aabbdd6/+=é'
      const out = await live(door, echo, token, secret)
      expect([...leaks(token, out), ...leaks(secret, out)]).toEqual([])
    },
  )

  it('of a provider that fails: what it threw is the app’s own, and is kept as the cause alone', async () => {
    const lines: string[] = []
    const cause = new Error('refresh token eyJhbGciOiJIUzI1NiJ9 was refused')
    const watch = log({ write: line => void lines.push(line) })
    const life = story({ options: { auth: () => Promise.reject(cause), watch } })
    await life.clock.advance(10_000)
    expect(life.problems[0]?.cause).toBe(cause)
    expect(leaks('eyJhbGciOiJIUzI1NiJ9', everything(life, lines))).toEqual([])
  })

  it('but the server gets it: what is looked for did go in', async () => {
    const { server, clock } = story(DOORS['a ticket']?.('t'.repeat(20), 's'.repeat(20)))
    await clock.advance(0)
    expect(server.dials[0]?.url).toContain('s'.repeat(20))
  })
})
