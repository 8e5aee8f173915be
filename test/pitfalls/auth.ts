import { assert } from 'vitest'
import type { Behaviour, ScriptedDial } from '../../src/testing/index.ts'
import { type Proofs, times } from './proof.ts'
import type { Token } from './subject.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/** The token of a dial: in the query, or in a subprotocol. */
function tokenOf({ url, protocols }: ScriptedDial): string {
  const inQuery = new URL(url).searchParams.get('token')
  if (inQuery !== null) return inQuery
  return Buffer.from(protocols.at(-1)?.replace('bearer.', '') ?? '', 'base64url').toString()
}

/** Hands out `token-1`, `token-2`, … of that life, each after `takesMs`. */
function issuer(lifeMs: number, takesMs = 0) {
  const issued: Token[] = []
  return {
    issued,
    async provider(): Promise<Token> {
      if (takesMs) await new Promise(resolve => setTimeout(resolve, takesMs))
      const given = { token: `token-${issued.length + 1}`, expiresAt: Date.now() + lifeMs }
      issued.push(given)
      return given
    },
    expired: (dial: ScriptedDial): boolean =>
      (issued.find(({ token }) => token === tokenOf(dial))?.expiresAt ?? 0) <= dial.wall,
  }
}

/** Accepts, and closes with 4401 where the token is not good. */
const looksAt =
  (good: (dial: ScriptedDial) => boolean): Behaviour =>
  connection => {
    connection.accept()
    if (!good(connection.dial)) connection.close(4401, 'token')
  }

export const auth: Proofs = {
  'does not dial with a token that was refused while a fresh one is fetched': async ({ open, server, advance }) => {
    const { provider } = issuer(HOUR_MS, 3_000)
    const revoked = new Set<string>()
    server.behaviour = looksAt(dial => !revoked.has(tokenOf(dial)))
    open({ provider })
    await advance(MINUTE_MS)
    revoked.add('token-1')
    server.latest.close(4401, 'token')
    await advance(MINUTE_MS)
    const again = server.dials.slice(1).filter(dial => tokenOf(dial) === 'token-1').length
    assert(again === 0, `dialled ${again === 1 ? 'once' : times(again, 'time')} more with the token that was refused`)
  },

  'does not dial after a sleep with a token that has expired meanwhile': async ({ open, server, sleep, advance }) => {
    const { provider, expired } = issuer(HOUR_MS)
    server.behaviour = looksAt(dial => !expired(dial))
    open({ provider })
    await advance(MINUTE_MS)
    sleep(2 * HOUR_MS)
    server.latest.reset()
    await advance(MINUTE_MS)
    const late = server.dials.filter(expired).length
    assert(
      late === 0,
      `dialled ${late === 1 ? 'once' : times(late, 'time')} with a token that had expired an hour before`,
    )
  },

  'does not ask and dial in a loop when every token is refused': async ({ open, server, advance }) => {
    const { provider, issued } = issuer(HOUR_MS)
    server.behaviour = looksAt(() => false)
    open({ provider })
    await advance(1_000)
    const dials = server.dials.length
    assert(dials <= 6, `${dials} dials and ${issued.length} tokens in a second`)
  },

  'comes back where an expired token is refused in the handshake': async ({ open, server, sleep, advance }) => {
    const { provider, expired } = issuer(HOUR_MS)
    // A 401, of which a browser tells nobody.
    server.behaviour = connection => (expired(connection.dial) ? connection.refuse() : connection.accept())
    const client = open({ provider })
    await advance(MINUTE_MS)
    sleep(2 * HOUR_MS)
    server.latest.reset()
    await advance(3 * MINUTE_MS)
    const refused = server.dials.filter(expired).length
    assert(client.readyState === 1, `${times(refused, 'dial')} with an expired token in three minutes, and no other`)
  },

  'waits for a moment that is further away than a timer can hold': async ({ open, advance }) => {
    const { provider, issued } = issuer(60 * DAY_MS)
    open({ provider })
    await advance(1_000)
    assert(issued.length === 1, `${issued.length} tokens in a second where one lives for 60 days`)
  },

  'makes a subprotocol of any token': async ({ open, server, advance, uncaught }) => {
    open({ provider: async () => ({ token: 'is it me?', expiresAt: Date.now() + HOUR_MS }) })
    await advance(1_000)
    const [refused] = uncaught.splice(0)
    const why = refused instanceof Error ? refused.name : 'nothing thrown'
    assert(server.dials.length === 1, `${why}, and no dial, for a token with a question mark`)
  },
}
