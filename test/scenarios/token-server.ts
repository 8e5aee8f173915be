import type { AuthProvider, Credential } from '../../src/index.ts'
import type { Behaviour, ScriptedConnection, VirtualClock } from '../../src/testing/index.ts'
import { fromProtocol } from './auth-story.ts'

/** What the provider does when it is asked: it hands out a fresh token, fails, never answers, hands out an old one, says that nobody is signed in, or takes its time. */
export type Mood = 'works' | 'rejects' | 'hangs' | 'stale' | 'signed-out' | 'slow'

interface Issued {
  readonly token: string
  readonly expiresAt: number
  revoked: boolean
  /** The client was told when it expires. */
  told: boolean
}

/** One call of the provider, and how it went. */
export interface Call {
  /** Monotonic ms. */
  readonly at: number
  readonly reason: string
  readonly signal: AbortSignal
  answered: boolean
}

/** A server that issues tokens with a life, and a provider that fetches them. All by the wall clock. */
export interface TokenServer {
  mood: Mood
  /** How long the tokens to come live, in ms. */
  lifeMs: number
  readonly calls: readonly Call[]
  /** How often it was asked while somebody still waited for the answer before. */
  readonly overlaps: number
  readonly provider: AuthProvider
  /** Accepts who shows a token that is good, closes with 4401 when it is not, or once it is not any more. */
  readonly behaviour: Behaviour
  /** Looks at the tokens of all connections, and ends those whose token is not good any more. */
  check(): void
  /** Every token so far is good for nothing any more; connections with it end. */
  revoke(): void
  /** Whether the server would take it now. */
  good(token: string): boolean
  /** When it expires, if the client was told. */
  expiresAt(token: string): number | undefined
}

const STALE_LOOK_BACK = 4

/** See {@link TokenServer}. `choose` decides which of the old tokens a stale provider hands out. */
export function tokenServer(clock: () => VirtualClock, choose: (sides: number) => number): TokenServer {
  const issued: Issued[] = []
  const calls: Call[] = []
  let overlaps = 0
  const live = new Map<ScriptedConnection, string>()

  const find = (token: string): Issued | undefined => issued.find(each => each.token === token)
  const good = (token: string): boolean => {
    const known = find(token)
    return !!known && !known.revoked && known.expiresAt > clock().wall()
  }
  const issue = (): Issued => {
    const token = `token-${issued.length + 1}-${'x'.repeat(12)}`
    const made: Issued = { token, expiresAt: clock().wall() + self.lifeMs, revoked: false, told: false }
    issued.push(made)
    return made
  }
  const handOut = (given: Issued): Credential => {
    given.told = true
    return { token: given.token, expiresAt: given.expiresAt }
  }
  const old = (): Credential => {
    const recent = issued.slice(-STALE_LOOK_BACK)
    const given = recent[choose(recent.length)] ?? issue()
    // A cache may have forgotten when it expires.
    return choose(2) ? handOut(given) : { token: given.token }
  }
  const answer = (signal: AbortSignal): Credential => {
    const given = issue()
    return signal.aborted ? { token: given.token } : handOut(given)
  }
  const turnAway = (connection: ScriptedConnection): void => connection.close(4401, 'token')
  const check = (): void => {
    for (const [connection, token] of live) {
      if (connection.state !== 'open') live.delete(connection)
      else if (!good(token)) {
        live.delete(connection)
        turnAway(connection)
      }
    }
  }

  const self: TokenServer = {
    mood: 'works',
    lifeMs: 3_600_000,
    calls,
    get overlaps() {
      return overlaps
    },
    good,
    expiresAt(token) {
      const known = find(token)
      return known?.told ? known.expiresAt : undefined
    },
    provider({ reason, signal }) {
      if (calls.some(each => !each.answered && !each.signal.aborted)) overlaps++
      const call: Call = { at: clock().now(), reason, signal, answered: false }
      calls.push(call)
      const done = <T>(value: T): T => {
        call.answered = true
        return value
      }
      switch (self.mood) {
        case 'works':
          return done(handOut(issue()))
        case 'stale':
          return done(old())
        case 'signed-out':
          return done(null)
        case 'rejects':
          call.answered = true
          return Promise.reject(new Error('503'))
        case 'hangs':
          return new Promise(() => {})
        case 'slow':
          return new Promise(resolve => {
            clock().schedule(clock().now() + 3_000, () =>
              resolve(done(self.mood === 'signed-out' ? null : answer(signal))),
            )
          })
      }
    },
    behaviour(connection) {
      const token = fromProtocol(connection.dial.protocols.at(-1) ?? '')
      connection.accept()
      if (!good(token)) {
        turnAway(connection)
        return
      }
      live.set(connection, token)
      // The server looks at its clock, too.
      const expiresAt = find(token)?.expiresAt ?? 0
      connection.after(Math.max(0, expiresAt - clock().wall()), check)
    },
    check,
    revoke() {
      for (const each of issued) each.revoked = true
      check()
    },
  }
  return self
}
