// Short-lived sign-in: random tokens, kept in memory and told to nobody but the page that asked for one.
import { randomBytes } from 'node:crypto'

/** Made-up people without passwords: whoever asks is signed in. */
export const accounts = ['Ada', 'Grace'] as const
export type Account = (typeof accounts)[number]

export interface Admission {
  readonly account: Account
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

export interface Refusal {
  /** Why, in the words of a close reason. */
  readonly refusal: string
}

export interface Tokens {
  readonly lifeMs: number
  issue(account: Account): string
  admit(token: string | null): Admission | Refusal
  /** Ends the life of every token that this account has now. */
  expire(account: Account): void
  /** Refuses every token of this account, those issued from now on too. */
  revoke(account: Account): void
  /** Takes a revocation back: tokens issued from now on are good again. */
  restore(account: Account): void
}

/** More than a demo needs, and few enough that asking in a loop does not fill the memory. */
const maxTokens = 1_000

export function tokens({ lifeMs }: { readonly lifeMs: number }): Tokens {
  // In order of issue, which is the order of expiry.
  const issued = new Map<string, Admission>()
  const revoked = new Set<Account>()

  const forgetOld = (now: number): void => {
    for (const [token, { expiresAt }] of issued) {
      // Remembered for a life longer, so that it can be called expired rather than unknown.
      if (expiresAt + lifeMs > now && issued.size < maxTokens) return
      issued.delete(token)
    }
  }

  return {
    lifeMs,
    issue(account) {
      const now = Date.now()
      forgetOld(now)
      const token = randomBytes(24).toString('base64url')
      issued.set(token, { account, expiresAt: now + lifeMs })
      return token
    },
    admit(token) {
      if (token === null) return { refusal: 'token missing' }
      const admission = issued.get(token)
      if (admission === undefined) return { refusal: 'token unknown' }
      if (revoked.has(admission.account)) return { refusal: 'token revoked' }
      return admission.expiresAt > Date.now() ? admission : { refusal: 'token expired' }
    },
    expire(account) {
      const now = Date.now()
      for (const [token, admission] of issued) {
        if (admission.account === account && admission.expiresAt > now) issued.set(token, { account, expiresAt: now })
      }
    },
    revoke(account) {
      revoked.add(account)
    },
    restore(account) {
      if (!revoked.delete(account)) return
      for (const [token, admission] of issued) if (admission.account === account) issued.delete(token)
    },
  }
}
