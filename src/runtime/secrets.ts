import { base64url } from '../policies/auth.ts'

/** A piece of a secret this long is one: a token rarely fits into a close reason as a whole (123 bytes). */
const PIECE = 8

/** A secret in the ways it may be written: as it is, in a URL, in a query, in a subprotocol, in JSON. */
export function formsOf(secret: string): readonly string[] {
  const inQuery = `${new URLSearchParams([['', secret]])}`.slice(1)
  // Not encodeURIComponent: a lone surrogate throws there.
  const inUrl = inQuery.replaceAll('+', '%20')
  const forms = [secret, inQuery, inUrl, base64url(secret), JSON.stringify(secret).slice(1, -1), asInUrl(secret)]
  return [...new Set(forms)]
}

function asInUrl(secret: string): string {
  try {
    return encodeURIComponent(secret)
  } catch {
    return secret
  }
}

/** Whether a URL holds a secret: anywhere, or for one that is so short that it may be a word, as a value of its query. */
export function urlHolds(url: string, secret: string): boolean {
  const shown = [url, asRead(url)]
  return formsOf(secret).some(form =>
    shown.some(text => (form.length < PIECE ? text.split(/[?&=]/).slice(1) : text).includes(form)),
  )
}

function asRead(url: string): string {
  try {
    return decodeURIComponent(url)
  } catch {
    return url
  }
}

/** How much of the secret stands there, from `at` on; 0 for what may be shown. */
function runOf(text: string, at: number, secret: string): number {
  const least = Math.min(PIECE, secret.length)
  const has = (length: number): boolean => at + length <= text.length && secret.includes(text.slice(at, at + length))
  if (!has(least)) return 0
  let length = least
  while (has(length + 1)) length++
  return length
}

/** Text without the secrets in it, and without pieces of them. */
export function redact(text: string, secrets: readonly string[]): string {
  if (!text || !secrets.length) return text
  const forms = secrets.flatMap(formsOf)
  let shown = ''
  for (let at = 0; at < text.length; ) {
    const run = Math.max(...forms.map(form => runOf(text, at, form)))
    shown += run ? '[redacted]' : (text[at] ?? '')
    at += run || 1
  }
  return shown
}

/** Whether a subprotocol is, or holds, a secret. */
export function isSecret(protocol: string, secrets: readonly string[]): boolean {
  if (!protocol) return false
  return secrets.flatMap(formsOf).some(form => protocol === form || (form.length >= PIECE && protocol.includes(form)))
}
