// The credentials of the soak: who, and until when. Nothing that a real server should believe.
import type { Authenticated, Denied } from '../../src/server/options.ts'

export function tokenOf(identity: string, expiresAt: number): string {
  return `${identity}.${expiresAt}`
}

export function credentialOf(token = ''): Authenticated | Denied {
  const [identity = '', expiry = ''] = token.split('.')
  const expiresAt = Number(expiry)
  if (!identity || !expiry) return 'unauthorized'
  return expiresAt > Date.now() ? { identity, expiresAt } : 'expired'
}
