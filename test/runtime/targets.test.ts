import { describe, expect, it } from 'vitest'
import type { MachineEvent, MachineState } from '../../src/index.ts'
import { type AuthProvider, subprotocol } from '../../src/policies/auth.ts'
import { isSecret, redact, urlHolds } from '../../src/runtime/secrets.ts'
import { Targets } from '../../src/runtime/targets.ts'
import { initialState, virtualClock } from '../../src/testing/index.ts'

/** A machine that fetches for dial 1, or serves; and what it is told. */
function machine(credential: MachineState['session']['credential'], fetching = true) {
  const events: MachineEvent[] = []
  const problems: unknown[] = []
  const initial = initialState(credential)
  const dial = {
    number: 1,
    id: '0000',
    transport: 0,
    purpose: 'first' as const,
    phase: 'authorizing' as const,
    startedAt: 0,
    credential: 0,
    deadlineAt: 10_000,
  }
  const state: MachineState = { ...initial, intent: 'run', dial: fetching ? dial : null }
  const app = {
    state,
    clock: virtualClock(),
    dispatch: (event: MachineEvent): void => void events.push(event),
    renewed: () => {},
    discard: (): void => {},
    report: (error: unknown): void => void problems.push(error),
  }
  return { app, events, problems }
}

const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
const auth = (provider: AuthProvider, carry = subprotocol('v1')) => ({ provider, carry })

describe('the targets of a socket', () => {
  it('need no fetching where address and subprotocols are values: the same every time', () => {
    const targets = new Targets('wss://a.example', ['v1'], undefined)
    expect(targets.fetches).toBe(false)
    expect(targets.take()).toEqual({
      url: 'wss://a.example',
      protocols: ['v1'],
      confidential: { hidden: '', token: undefined, secrets: [] },
    })
  })

  it('know the credential even where nothing carries it, because the server may say it', async () => {
    const targets = new Targets('wss://a.example', [], { provider: () => 'token' })
    const { app, events } = machine('missing')
    targets.authorize(1, app)
    await settled()
    expect(events).toEqual([{ type: 'authorized', number: 1, expiresAt: null }])
    expect(targets.take()?.confidential.secrets).toEqual(['token'])
  })

  it('go through a list of endpoints, and begin again', () => {
    const targets = new Targets(['wss://a.example', 'wss://b.example'], [], undefined)
    const taken = [0, 1, 2].map(endpoint => {
      targets.endpoint = endpoint
      return targets.take()?.url
    })
    expect(taken).toEqual(['wss://a.example', 'wss://b.example', 'wss://a.example'])
  })

  it('carry the credential to every endpoint of a list', async () => {
    const targets = new Targets(
      ['wss://a.example', 'wss://b.example'],
      [],
      auth(() => 'token'),
    )
    const { app } = machine('held')
    const first = machine('missing')
    targets.authorize(1, first.app)
    await settled()
    const urls = [targets.take()?.url]
    targets.endpoint = 1
    targets.authorize(1, app)
    await settled()
    expect([...urls, targets.take()?.url]).toEqual(['wss://a.example', 'wss://b.example'])
  })

  it('are taken once: what was fetched for one dial is not used for another', async () => {
    const targets = new Targets(() => 'wss://a.example', [], undefined)
    const { app } = machine('held')
    targets.authorize(1, app)
    await settled()
    expect(targets.take()?.url).toBe('wss://a.example')
    expect(targets.take()).toBeUndefined()
  })

  it('give a credential to the machine where no dial waits for it when it comes', async () => {
    const targets = new Targets(
      'wss://a.example',
      [],
      auth(() => ({ token: 'a', expiresAt: Date.UTC(2030, 0) })),
    )
    const { app, events } = machine('held', false)
    targets.renew(false, app)
    await settled()
    expect(events).toEqual([{ type: 'renewed', expiresAt: Date.UTC(2030, 0) }])
  })

  it('tell whether nobody is signed in, or a fetch failed, with a dial that waits and without', async () => {
    const said: MachineEvent[] = []
    for (const [provider, fetching] of [
      [() => null, true],
      [() => Promise.reject(new Error('503')), true],
      [() => Promise.reject(new Error('503')), false],
    ] as const) {
      const { app, events } = machine('missing', fetching)
      new Targets('wss://a.example', [], auth(provider)).renew(false, app)
      await settled()
      said.push(...events)
    }
    expect(said).toMatchObject([
      { type: 'signed-out' },
      { type: 'ended', number: 1, origin: 'provider' },
      { type: 'not-renewed' },
    ])
  })

  it('that are dropped let the credential come, and its dial not', async () => {
    const targets = new Targets(
      'wss://a.example',
      [],
      auth(
        () => 'token',
        () => new Promise(() => {}),
      ),
    )
    const { app, events } = machine('missing')
    targets.authorize(1, app)
    targets.drop()
    await settled()
    expect(events).toEqual([])
    targets.abandon()
    await settled()
    expect(events).toEqual([])
  })
})

describe('redact()', () => {
  it('takes out a secret in every way that it may be written', () => {
    const secret = 'a b+c/d=é"12345678'
    for (const form of [
      secret,
      encodeURIComponent(secret),
      `${new URLSearchParams({ '': secret })}`.slice(1),
      Buffer.from(secret).toString('base64url'),
      JSON.stringify(secret).slice(1, -1),
    ]) {
      expect(redact(`bad <${form}>!`, [secret])).toBe('bad <[redacted]>!')
    }
  })

  it('takes out the piece of it that fitted into a close reason, and leaves words alone', () => {
    const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.KMUFsIDTnFmyG3nMiGM6H9FNFUROf3wh7SmqJp-QV30'
    expect(redact(`expired: ${jwt.slice(0, 40)}`, [jwt])).toBe('expired: [redacted]')
    expect(redact(`…${jwt.slice(30)} expired`, [jwt])).toBe('…[redacted] expired')
    expect(redact('token expired', [jwt, 'bearer token'])).toBe('token expired')
  })

  it('takes out a short secret as a whole', () => {
    expect(redact('bad t1, not t2', ['t1'])).toBe('bad [redacted], not t2')
  })
})

describe('isSecret()', () => {
  it('knows a subprotocol that is the secret, or holds it', () => {
    const secrets = ['a long token']
    expect(isSecret('', secrets)).toBe(false)
    expect(isSecret('v1', secrets)).toBe(false)
    expect(isSecret(`bearer.${Buffer.from('a long token').toString('base64url')}`, secrets)).toBe(true)
    expect(isSecret('x', ['x'])).toBe(true)
    expect(isSecret('xmpp', ['x'])).toBe(false)
  })
})

describe('urlHolds()', () => {
  it('finds a secret anywhere, a short one as a value of the query only', () => {
    expect(urlHolds('wss://a.example/long-token/live', 'long-token')).toBe(true)
    expect(urlHolds('wss://a.example/?t=%6Cong-token', 'long-token')).toBe(true)
    expect(urlHolds('wss://a.example/live?a=b&t=e', 'e')).toBe(true)
    expect(urlHolds('wss://a.example/live', 'live')).toBe(false)
    expect(urlHolds('wss://a.example/100%', 'long-token')).toBe(false)
  })
})
