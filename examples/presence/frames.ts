/** What travels: JSON, read with care on both sides. */

export type ClientFrame = { readonly type: 'hello'; readonly user: string } | { readonly type: 'bye' | 'ping' }

export type ServerFrame =
  /** The answer to `hello`: everybody who is here. */
  | { readonly type: 'present'; readonly users: readonly string[] }
  | { readonly type: 'came' | 'went'; readonly user: string }
  | { readonly type: 'pong' }

const LONGEST_NAME = 100

function fields(text: unknown): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(String(text)))
  } catch {
    return {}
  }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME
}

/** `null` for what is none. */
export function readClientFrame(text: unknown): ClientFrame | null {
  const { type, user } = fields(text)
  if (type === 'bye' || type === 'ping') return { type }
  return type === 'hello' && isName(user) ? { type, user } : null
}

/** `null` for what is none. */
export function readServerFrame(text: unknown): ServerFrame | null {
  const { type, user, users } = fields(text)
  if (type === 'pong') return { type }
  if ((type === 'came' || type === 'went') && isName(user)) return { type, user }
  return type === 'present' && Array.isArray(users) && users.every(isName) ? { type, users } : null
}
