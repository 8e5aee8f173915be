import { encodeBinary } from '../session/frames.ts'
import type { Stored } from './log.ts'

/** A frame as it goes over the wire. */
export interface Outgoing {
  readonly bytes: Uint8Array
  readonly binary: boolean
}

/** The id of a message that this client sent, out of its key `<identity>|<client>-<counter>`; `undefined` for those of others. */
function ownId(key: string | undefined, identity: string | undefined, client: string): string | undefined {
  const own = `${identity ?? ''}|${client}-`
  // One client may be called as another one and a counter are: the rest must be a counter.
  return key?.startsWith(own) && /^\d+$/.test(key.slice(own.length))
    ? key.slice(own.length - client.length - 1)
    : undefined
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
  for(identity: string | undefined, client: string): Outgoing {
    const id = ownId(this.stored.key, identity, client)
    if (id !== undefined) return this.#frame(id)
    this.#shared ??= this.#frame(undefined)
    return this.#shared
  }

  #frame(id: string | undefined): Outgoing {
    const { epoch, seq, body } = this.stored
    const header = JSON.stringify({ t: 'event', topic: this.topic, epoch, seq, id })
    if (typeof body !== 'string') return { bytes: encodeBinary(JSON.parse(header), body), binary: true }
    // The body is JSON text already.
    return { bytes: Buffer.from(`${header.slice(0, -1)},"data":${body}}`), binary: false }
  }
}
