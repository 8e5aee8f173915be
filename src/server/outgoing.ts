import { encodeBinary, type ServerFrame } from '../session/frames.ts'
import type { Stored } from './log.ts'

/** A frame as it goes over the wire. */
export interface Outgoing {
  readonly t: ServerFrame['t']
  readonly bytes: Uint8Array
  readonly binary: boolean
}

/** Whose messages are one's own: what their keys begin with, and how much of it is no id. */
export interface Own {
  readonly prefix: string
  readonly identityLength: number
}

/** One's own are those of one client of one identity: `<identity>|<client>-`. */
export function ownOf(identity: string | undefined, client: string): Own {
  const who = keyOf(identity, '')
  return { prefix: `${who}${client}-`, identityLength: who.length }
}

/** The id out of a key, when it is one's own; `undefined` for those of others. */
function ownId(key: string | undefined, { prefix, identityLength }: Own): string | undefined {
  // One client may be called as another one and a counter are: the rest must be a counter.
  return key?.startsWith(prefix) && /^\d+$/.test(key.slice(prefix.length)) ? key.slice(identityLength) : undefined
}

/** The key under which a message is deduplicated. Two users never share one, whatever they call themselves. */
export function keyOf(identity: string | undefined, id: string): string {
  return `${identity ?? ''}|${id}`
}

/** One event on its way: made into bytes once, however many it is sent to. */
export class OutgoingEvent {
  readonly topic: string
  readonly stored: Stored
  #shared: Outgoing | undefined

  constructor(topic: string, stored: Stored) {
    this.topic = topic
    this.stored = stored
  }

  /** For one client: who sent it is told the id, nobody else. */
  for(own: Own): Outgoing {
    const id = ownId(this.stored.key, own)
    if (id !== undefined) return this.#frame(id)
    this.#shared ??= this.#frame(undefined)
    return this.#shared
  }

  #frame(id: string | undefined): Outgoing {
    const { epoch, seq, body } = this.stored
    const header = JSON.stringify({ t: 'event', topic: this.topic, epoch, seq, id })
    if (typeof body !== 'string') return { t: 'event', bytes: encodeBinary(JSON.parse(header), body), binary: true }
    // The body is JSON text already.
    return { t: 'event', bytes: Buffer.from(`${header.slice(0, -1)},"data":${body}}`), binary: false }
  }
}
