import { describe, expect, it, vi } from 'vitest'
import type { AuthProvider, ProvidedCredential } from '../../src/index.ts'
import type { AuthReason } from '../../src/policies/auth.ts'
import { Credentials, type Fetched } from '../../src/runtime/credentials.ts'

/** One socket's credential, and what it was told of each fetch. */
function credentials(provider: AuthProvider): {
  readonly held: Credentials
  readonly told: string[]
  readonly fetch: (reason?: AuthReason, fresh?: boolean) => Promise<void>
} {
  const held = new Credentials(provider)
  const told: string[] = []
  const fetched: Fetched = {
    done: (expiresAt, changed, same) =>
      told.push(`done ${expiresAt}${changed ? ' changed' : ''}${same ? ' same' : ''}`),
    failed: refused => told.push(refused ? 'refused' : 'failed'),
    signedOut: () => told.push('signed out'),
    report: ({ message }) => told.push(message),
  }
  return {
    held,
    told,
    async fetch(reason = 'missing', fresh = false) {
      held.fetch(reason, fresh, () => 1_000, fetched)
      await settled()
    },
  }
}

const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

function answers(...given: readonly ProvidedCredential[]): AuthProvider {
  const left = [...given]
  return () => left.shift()
}

describe('the credential of a socket', () => {
  it('is what the provider answered', async () => {
    const { held, told, fetch } = credentials(answers({ token: 'a', expiresAt: 5_000 }, 'b', undefined))
    await fetch()
    expect(held.token).toBe('a')
    await fetch('refused')
    expect(held.token).toBe('b')
    await fetch('refused')
    expect(held.token).toBeUndefined()
    expect(told).toEqual(['done 5000', 'done null', 'done null'])
  })

  it('stays what it was when nobody is signed in, when the provider fails or answers nonsense', async () => {
    const { held, told, fetch } = credentials(answers('a', null, { token: '' }))
    await fetch()
    await fetch()
    await fetch()
    expect(held.token).toBe('a')
    expect(told).toEqual([
      'done null',
      'signed out',
      'Expected `auth().token` to be a string, not empty, got string.',
      'failed',
    ])
  })

  it('that was refused is not taken again, until the life is over', async () => {
    const { held, told, fetch } = credentials(answers('a', 'a', 'a'))
    await fetch()
    held.refuse('a')
    await fetch('refused')
    held.forgive()
    await fetch('requested')
    expect(told).toEqual([
      'done null',
      '`auth` answered with a token that the server has refused.',
      'refused',
      'done null same',
    ])
  })

  it('remembers eight refused ones, not all of them for ever', async () => {
    const tokens = Array.from({ length: 9 }, (_, i) => `t${i}`)
    const { held, told, fetch } = credentials(answers('t1', 't0'))
    for (const token of tokens) held.refuse(token)
    await fetch()
    await fetch()
    expect(told).toEqual([expect.stringContaining('refused'), 'refused', 'done null'])
  })

  it.each<[AuthReason, string]>([
    ['expiring', 'failed'],
    ['expired', 'failed'],
    ['requested', 'done 5000 same'],
    ['refused', 'done 5000 same'],
  ])('that comes again when asked because of "%s" is %s', async (reason, end) => {
    const { told, fetch } = credentials(answers({ token: 'a', expiresAt: 5_000 }, { token: 'a', expiresAt: 5_000 }))
    await fetch()
    await fetch(reason)
    expect(told.at(-1)).toBe(end)
  })

  it('may come again with a longer life', async () => {
    const { told, fetch } = credentials(answers({ token: 'a', expiresAt: 5_000 }, { token: 'a', expiresAt: 9_000 }))
    await fetch()
    await fetch('expiring')
    expect(told.at(-1)).toBe('done 9000 same')
  })

  it('that comes again without its expiry keeps the one that is known', async () => {
    const { told, fetch } = credentials(answers({ token: 'a', expiresAt: 5_000 }, 'b', 'a'))
    await fetch()
    await fetch('requested')
    await fetch('requested')
    expect(told).toEqual(['done 5000', 'done null', 'done 5000'])
  })

  it('changes hands when two identities are told that differ', async () => {
    const { told, fetch } = credentials(
      answers(
        'a',
        { token: 'b', identity: 'ann' },
        'c',
        { token: 'd', identity: 'ann' },
        { token: 'e', identity: 'bob' },
      ),
    )
    for (let i = 0; i < 5; i++) await fetch('requested')
    expect(told).toEqual(['done null', 'done null', 'done null', 'done null', 'done null changed'])
  })
})

describe('a fetch', () => {
  it('joins the one that is under way for the same provider', async () => {
    let answer = (_: string): void => {}
    const provider = vi.fn<AuthProvider>(
      () =>
        new Promise(resolve => {
          answer = resolve
        }),
    )
    const [one, two] = [credentials(provider), credentials(provider)]
    await one.fetch()
    await two.fetch('refused')
    expect(provider).toHaveBeenCalledTimes(1)
    answer('a')
    await settled()
    expect([one.held.token, two.held.token]).toEqual(['a', 'a'])
  })

  it('takes the place of the one before, which is told nothing', async () => {
    const provider = vi.fn<AuthProvider>(async () => 'a')
    const { told, fetch } = credentials(provider)
    await Promise.all([fetch(), fetch()])
    expect(told).toEqual(['done null'])
    expect(provider).toHaveBeenCalledTimes(1)
  })

  it('that must be fresh aborts the one that is under way, and answers those who waited for it', async () => {
    const signals: AbortSignal[] = []
    let answers: ((token: string) => void)[] = []
    const provider: AuthProvider = ({ signal }) => {
      signals.push(signal)
      return new Promise(resolve => {
        answers = [...answers, resolve]
      })
    }
    const [one, two] = [credentials(provider), credentials(provider)]
    await one.fetch()
    await two.fetch('requested', true)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    answers[0]?.('stale')
    answers[1]?.('fresh')
    await settled()
    expect([one.held.token, two.held.token]).toEqual(['fresh', 'fresh'])
  })

  it('that nobody waits for any more is aborted, and its answer is not listened to', async () => {
    const signals: AbortSignal[] = []
    const provider: AuthProvider = async ({ signal }) => {
      signals.push(signal)
      return 'a'
    }
    const { held, told, fetch } = credentials(provider)
    const fetching = fetch()
    expect(held.pending).toBe(true)
    held.abandon()
    await fetching
    expect(held.pending).toBe(false)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(told).toEqual([])
  })
})
