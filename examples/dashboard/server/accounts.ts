// What can be done to an account, as plain values: checked first, then carried out.
import type { Objection } from './breakage.ts'
import type { Feed } from './feed.ts'
import { type Account, accounts, type Tokens } from './tokens.ts'

export interface AccountRequest {
  readonly type: 'expire' | 'revoke' | 'sign-in'
  readonly account: Account
}

const types: readonly AccountRequest['type'][] = ['expire', 'revoke', 'sign-in']

/** The account that a request names. */
export function parseAccount(body: unknown): Account | Objection {
  const wanted = fieldOf(body, 'account')
  return (
    accounts.find(each => each === wanted) ?? { error: `Expected \`account\` to be one of ${accounts.join(', ')}.` }
  )
}

export function parseAccountRequest(body: unknown): AccountRequest | Objection {
  const wanted = fieldOf(body, 'type')
  const type = types.find(each => each === wanted)
  if (type === undefined) return { error: `Expected \`type\` to be one of ${types.join(', ')}.` }
  const account = parseAccount(body)
  return typeof account === 'string' ? { type, account } : account
}

/** Does it, and says what was done. */
export function applyToAccount({ type, account }: AccountRequest, tokens: Tokens, feed: Feed): string {
  switch (type) {
    case 'expire':
      tokens.expire(account)
      feed.endAccount(account, 'token expired')
      return `The token of ${account} has expired: one refusal, and a fresh one is good.`
    case 'revoke':
      tokens.revoke(account)
      feed.endAccount(account, 'token revoked')
      return `Every token of ${account} is refused, until somebody signs in again.`
    case 'sign-in':
      tokens.restore(account)
      return `${account} has signed in.`
  }
}

function fieldOf(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? new Map(Object.entries(body)).get(name) : undefined
}
