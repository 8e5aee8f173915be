// Who signed in, and for how long. In memory: a server that starts again knows nobody, and its clients sign in anew.
import { randomBytes } from 'node:crypto'

export interface Token {
  readonly token: string
  /** Epoch milliseconds, as Holdfast wants it. */
  readonly expiresAt: number
}

export interface Tokens {
  issue(name: string): Token
  /** `null` when the token is not known, or has expired. */
  nameOf(token: string): string | null
}

export function tokens(lifeMs: number): Tokens {
  const issued = new Map<string, { readonly name: string; readonly expiresAt: number }>()
  return {
    issue(name) {
      const now = Date.now()
      for (const [token, { expiresAt }] of issued) if (expiresAt <= now) issued.delete(token)
      const token = randomBytes(24).toString('base64url')
      const expiresAt = now + lifeMs
      issued.set(token, { name, expiresAt })
      return { token, expiresAt }
    },
    nameOf(token) {
      const known = issued.get(token)
      return known && known.expiresAt > Date.now() ? known.name : null
    },
  }
}
