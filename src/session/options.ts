import { refuseOthers, unexpected } from '../core/resilient-error.ts'
import { DEFAULT_TOPIC } from './frames.ts'
import type { CursorStorage } from './identity.ts'
import { checkTopic } from './topic.ts'

/** How a session is made. */
export interface SessionOptions {
  /** The topic of plain `send()` and of plain `message` events; `null` for none. @defaultValue 'default' */
  readonly topic?: string | null
  /** The server may be one that does not speak the protocol: a first dial that never opens is tried again without it, once per life, and the socket then runs plain. @defaultValue false */
  readonly optional?: boolean
  /** Where cursors are kept, so that a reload resumes: `sessionStorage`. @defaultValue memory: a reload begins anew */
  readonly storage?: CursorStorage
  /** Under which name they are kept there. @defaultValue 'holdfast' */
  readonly storageKey?: string
  /** Version of the app's messages, a whole number: a server that cannot serve it says so (close code 4426). @defaultValue none is said */
  readonly schema?: number
}

/** The options of a session, checked. */
export interface SessionSettings {
  readonly topic: string | null
  readonly optional: boolean
  readonly storage: CursorStorage | undefined
  readonly storageKey: string
  readonly schema: number | undefined
}

/** Throws `ERR_OPTION` for what is wrong. */
export function settingsOf(given: SessionOptions): SessionSettings {
  if (typeof given !== 'object' || !given) throw unexpected('ERR_OPTION', 'session() options', 'an object', given)
  const { topic = DEFAULT_TOPIC, optional = false, storage, storageKey = 'holdfast', schema, ...others } = given
  refuseOthers('session', others)
  if (topic !== null) checkTopic(topic)
  if (typeof optional !== 'boolean') throw unexpected('ERR_OPTION', 'session.optional', 'boolean', optional)
  if (
    storage !== undefined &&
    !(['getItem', 'setItem', 'removeItem'] as const).every(name => typeof storage?.[name] === 'function')
  ) {
    throw unexpected('ERR_OPTION', 'session.storage', 'a storage with getItem, setItem and removeItem', storage)
  }
  if (typeof storageKey !== 'string') throw unexpected('ERR_OPTION', 'session.storageKey', 'a string', storageKey)
  if (schema !== undefined && !(Number.isSafeInteger(schema) && schema >= 0)) {
    throw unexpected('ERR_OPTION', 'session.schema', 'a whole number from 0', schema)
  }
  return { topic, optional, storage, storageKey, schema }
}
