/** A server's rules about tokens, and every order in which things may happen to a client that lives by them. */
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { subprotocol } from '../../src/index.ts'
import { hangs, refuses, type ScriptedConnection } from '../../src/testing/index.ts'
import { tokens } from './auth-story.ts'
import { expectNothingLeft, mostDialsIn, type Story, story } from './story.ts'
import { type Mood, type TokenServer, tokenServer } from './token-server.ts'

const { HOLDFAST_SEED, HOLDFAST_PATH, HOLDFAST_STEPS } = process.env
const MULTIPLIER = Number(HOLDFAST_STEPS ?? 1)

vi.setConfig({ testTimeout: 60_000 * Math.max(1, MULTIPLIER) })

interface Life extends Story {
  readonly tokenServer: TokenServer
}

function onEach(connections: readonly ScriptedConnection[], act: (connection: ScriptedConnection) => void): void {
  for (const connection of connections) act(connection)
}

const MOODS: readonly Mood[] = ['works', 'rejects', 'hangs', 'stale', 'signed-out', 'slow']

/** What may happen, by whom. */
const HAPPENINGS: Readonly<Record<string, (life: Life) => unknown>> = {
  nothing: () => {},
  'the token lives for a minute': life => {
    life.tokenServer.lifeMs = 60_000
  },
  'the token lives for an hour': life => {
    life.tokenServer.lifeMs = 3_600_000
  },
  'the token lives for two seconds': life => {
    life.tokenServer.lifeMs = 2_000
  },
  'the server revokes every token': ({ tokenServer }) => tokenServer.revoke(),
  'the server closes with 4401': ({ server }) => onEach(server.open, connection => connection.close(4401)),
  'the server closes with 1008': ({ server }) => onEach(server.open, connection => connection.close(1008)),
  'the server restarts': ({ server }) => onEach(server.open, connection => connection.close(1012)),
  'the network breaks': ({ server }) => onEach(server.open, connection => connection.reset()),
  'the server is down': ({ server }) => {
    server.behaviour = refuses()
  },
  'the server hangs': ({ server }) => {
    server.behaviour = hangs()
  },
  'the server is back': ({ server, tokenServer }) => {
    server.behaviour = tokenServer.behaviour
  },
  'the laptop sleeps for ten minutes': ({ clock }) => clock.sleep(600_000),
  'the laptop sleeps for a day, and the server gives it up': ({ clock, tokenServer }) => {
    clock.sleep(86_400_000)
    tokenServer.check()
  },
  'the page says resumed': ({ page }) => page.say('resumed'),
  'the page says offline': ({ page }) => page.say('offline'),
  'the page says online': ({ page }) => page.say('online'),
  'the app calls refreshAuth()': ({ socket }) => socket.refreshAuth(),
  'the app calls reconnect()': ({ socket }) => socket.reconnect(),
  'the app calls retryNow()': ({ socket }) => socket.retryNow(),
  'the app calls close()': ({ socket }) => socket.close(),
  'a message comes': ({ server }) => onEach(server.open, connection => connection.send('x')),
}

const step = fc.record({
  what: fc.constantFrom(...Object.keys(HAPPENINGS)),
  mood: fc.option(fc.constantFrom(...MOODS), { freq: 2 }),
  waitMs: fc.constantFrom(0, 1, 100, 1_500, 6_000, 20_000, 60_000, 300_000),
})
const plot = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 30 }),
  seed: fc.nat(),
  onRotate: fc.constantFrom('replace' as const, 'keep' as const),
})
type Plot = typeof plot extends fc.Arbitrary<infer T> ? T : never

/** Lives a plot; `look` sees the life after every step. */
async function live({ steps, seed, onRotate }: Plot, look: (life: Life) => void = () => {}): Promise<Life> {
  let draws = seed
  const rules: TokenServer = tokenServer(
    () => told.clock,
    sides => draws++ % sides,
  )
  const auth = { provider: rules.provider, carry: subprotocol('v1'), onRotate }
  const told = story({ seed, behaviour: rules.behaviour, options: { startClosed: true, auth } })
  const life: Life = { ...told, tokenServer: rules }
  told.socket.reconnect()
  for (const { what, mood, waitMs } of steps) {
    if (mood) rules.mood = mood
    HAPPENINGS[what]?.(life)
    await told.clock.advance(waitMs)
    look(life)
  }
  return life
}

/** From now on everything works, and the page is looked at. */
async function heal({ clock, server, page, tokenServer }: Life): Promise<void> {
  tokenServer.mood = 'works'
  tokenServer.lifeMs = 3_600_000
  server.behaviour = tokenServer.behaviour
  page.say('online')
  await clock.advance(300_000)
}

/** Tokens that were dialled with although the client had been told that they were refused, or expired. */
function badDials({ records, server, tokenServer: { expiresAt } }: Life): readonly string[] {
  const dialled = tokens(server)
  const expired = server.dials.flatMap(({ wall }, index) => {
    const token = dialled[index] ?? ''
    return wall >= (expiresAt(token) ?? Infinity) ? [`${token}, expired`] : []
  })
  const tokenOf = new Map<number | null, string>()
  const refused = new Set<string>()
  const again: string[] = []
  for (const effect of records.flatMap(({ effects }) => effects)) {
    if (effect.type === 'dial') {
      const token = dialled[tokenOf.size] ?? 'never dialled'
      tokenOf.set(effect.number, token)
      if (refused.has(token)) again.push(`${token}, refused`)
    } else if (effect.type === 'disconnected') {
      const { code, connection, next } = effect.disconnect
      if ([4401, 1008].includes(code)) refused.add(tokenOf.get(connection) ?? 'nothing')
      // A new life may try it again.
      if (next.type === 'stop') refused.clear()
    }
  }
  return [...expired, ...again]
}

/** Holds for every life. A failure prints a seed and a path: `HOLDFAST_SEED=… HOLDFAST_PATH=…` shows it again. */
async function everyLife(holds: (given: Plot) => Promise<void>): Promise<void> {
  await fc.assert(fc.asyncProperty(plot, holds), {
    seed: Number(HOLDFAST_SEED ?? 20_250_106),
    numRuns: Math.ceil(300 * MULTIPLIER),
    ...(HOLDFAST_PATH && { path: HOLDFAST_PATH, endOnFailure: true }),
  })
}

describe('whatever happens to a token, a connection and a laptop, in whatever order', () => {
  it('no dial carries a token that the client knows to be refused or expired', async () => {
    await everyLife(async given => {
      const life = await live(given)
      await heal(life)
      expect(badDials(life)).toEqual([])
    })
  })

  it('there are never more than 6 dials in 10 s, nor two connections', async () => {
    await everyLife(async given => {
      const life = await live(given, ({ live }) => expect(live()).toBeLessThanOrEqual(1))
      expect(mostDialsIn(10_000, life.dialTimes())).toBeLessThanOrEqual(6)
    })
  })

  it('the provider is never asked while it is still being waited for', async () => {
    await everyLife(async given => {
      const life = await live(given)
      await heal(life)
      expect(life.tokenServer.overlaps).toBe(0)
    })
  })

  it('a refresh that fails is never asked for in a loop: at most 10 calls in 10 s, the app’s own included', async () => {
    await everyLife(async given => {
      const life = await live(given)
      expect(
        mostDialsIn(
          10_000,
          life.tokenServer.calls.map(({ at }) => at),
        ),
      ).toBeLessThanOrEqual(10)
    })
  })

  it('it ends open with a good token, or closed for a reason that it tells, or waiting for something', async () => {
    await everyLife(async given => {
      const { socket, clock } = await live(given)
      const { state, cause, nextRetryAt } = socket.status
      if (state === 'closed') expect(cause?.next.type).toBe('stop')
      else if (state !== 'open') expect(nextRetryAt !== null || clock.timers > 0).toBe(true)
    })
  })

  it('a provider and a server that work again lead back to open, with a good token', async () => {
    await everyLife(async given => {
      const life = await live(given)
      const { clock, socket, server, tokenServer } = life
      await heal(life)
      if (socket.readyState === 3) {
        expect(['app', 'unauthorized', 'signed-out', 'policy']).toContain(stoppedBy(life))
        socket.reconnect()
        await clock.advance(60_000)
      }
      expect(socket.status.state).toBe('open')
      expect(tokenServer.good(tokens(server).at(-1) ?? '')).toBe(true)
      await expectNothingLeft(life)
      expect(tokenServer.calls.filter(({ answered, signal }) => !answered && !signal.aborted)).toEqual([])
    })
  })
})

function stoppedBy({ socket }: Life): string {
  const { next } = socket.status.cause ?? {}
  return next?.type === 'stop' ? next.by : 'nobody'
}
