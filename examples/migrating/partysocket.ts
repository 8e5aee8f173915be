/** partysocket 1 over Holdfast: the options of its `WebSocket`, and the address that its `PartySocket` makes. */
import type { CloseRule, Endpoints, Options, Protocols, Provided } from 'holdfast'
import { growingDelays } from './growing-delays.ts'
import {
  debugging,
  fromReconnectingWebSocket,
  type ReconnectingOptions,
  ReconnectingWebSocket,
} from './reconnecting-websocket.ts'

/** What its `shouldReconnectOnClose` is given. */
type Closing = Event & { readonly code: number; readonly reason: string; readonly wasClean: boolean }

/** The options of partysocket 1.3. */
export interface PartyOptions extends ReconnectingOptions {
  readonly debugLogger?: ((...line: readonly unknown[]) => void) | undefined
  readonly shouldReconnectOnClose?: ((event: Closing) => boolean) | undefined
}

/** Where a `PartySocket` connects to. */
export interface Party {
  readonly host: string
  readonly room?: string
  readonly party?: string
  readonly path?: string
  readonly prefix?: string
  readonly basePath?: string
  readonly protocol?: 'ws' | 'wss'
  readonly id?: string
  readonly query?: Query | (() => Query | Promise<Query>)
}

type Query = Readonly<Record<string, string | null | undefined>>

/** A close policy that asks the app's function, as an event, and answers what it says. */
function asks(should: (event: Closing) => boolean): CloseRule {
  return ({ code, reason, wasClean }) =>
    should(Object.assign(new Event('close'), { code, reason, wasClean })) ? 'retry' : 'stop'
}

/** Its options as Holdfast's. What it was not given keeps Holdfast's default. */
export function fromPartySocket(theirs: PartyOptions): Options {
  const { shouldReconnectOnClose, debug, debugLogger } = theirs
  const backoff = growingDelays(theirs, () => 3_000)
  return {
    ...fromReconnectingWebSocket(theirs),
    ...(backoff && { backoff }),
    ...(shouldReconnectOnClose && { closePolicy: asks(shouldReconnectOnClose) }),
    ...(debug && debugLogger && { watch: debugging(debugLogger) }),
  }
}

const HOSTS_WITHOUT_TLS = /^(localhost:|127\.0\.0\.1:|192\.168\.|10\.|172\.(1[6-9]|2\d|3[01])\.|\[::ffff:7f00:1\]:)/

/** The address of a party, for each dial anew: the `url` of a socket. The same id on every one of them. */
export function partyUrl(party: Party): () => Promise<string> {
  const { host, room, path, basePath, query, party: name = 'main', prefix = 'parties' } = party
  const { id = crypto.randomUUID(), protocol } = party
  const where = host.replace(/^(https?|wss?):\/\//, '').replace(/\/$/, '')
  const scheme = protocol ?? (HOSTS_WITHOUT_TLS.test(where) ? 'ws' : 'wss')
  const base = `${scheme}://${where}/${basePath ?? `${prefix}/${name}/${room}`}${path ? `/${path}` : ''}`
  return async () => {
    const search = new URLSearchParams({ _pk: id })
    for (const [key, value] of Object.entries((typeof query === 'function' ? await query() : query) ?? {})) {
      if (value != null) search.append(key, value)
    }
    return `${base}?${search}`
  }
}

/** The `WebSocket` of partysocket, for the first of two steps. A `PartySocket` is one whose url is a `partyUrl()`. */
export class PartyWebSocket extends ReconnectingWebSocket {
  constructor(url: Endpoints, protocols?: Provided<Protocols> | null, theirs: PartyOptions = {}, ours: Options = {}) {
    super(url, protocols, theirs, { ...fromPartySocket(theirs), ...ours })
  }

  /** Whether it tries to be connected. */
  get shouldReconnect(): boolean {
    return this.readyState < this.CLOSING
  }
}
