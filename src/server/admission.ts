import type { IncomingHttpHeaders } from 'node:http'
import { type ClientFrame, VERSION } from '../session/frames.ts'
import type { Connection } from './connection.ts'
import { called } from './hooks.ts'
import type { Authenticated, Denied } from './options.ts'
import type { Loose } from './schema.ts'
import { isBrief, laneOf } from './wire.ts'

type Hello = Loose<ClientFrame & { readonly t: 'hello' }>

/** The hook of the app has so long to say who it is. */
const AUTHENTICATE_MS = 10_000
/** Fresh credentials are asked for when so much of the life of the old ones is over: a client fetches them at 80 % by itself. */
const REAUTH_AT_LIFE = 0.9
/** During handover a page has two connections. */
const TWINS = 2

const CODES: Readonly<Record<Exclude<Denied, null>, number>> = {
  unauthorized: 4400,
  refresh: 4200,
  expired: 4201,
  revoked: 4202,
  forbidden: 4403,
}

/** Who a connection belongs to, and until when. */
export class Admission {
  readonly #connection: Connection
  readonly #headers: IncomingHttpHeaders
  readonly #revoked = new Set<string>()
  #asking = 0
  #undo: (() => void)[] = []

  constructor(connection: Connection, headers: IncomingHttpHeaders) {
    this.#connection = connection
    this.#headers = headers
  }

  /** Revoked while the app was being asked: its answer may be older. */
  revoked(identity: string): void {
    if (this.#asking) this.#revoked.add(identity)
  }

  /** Whether it was welcomed; otherwise it is closed. */
  async hello(hello: Hello): Promise<boolean> {
    const connection = this.#connection
    const { settings } = connection.context
    connection.conn = hello.conn
    connection.client = hello.client
    const tooOld = hello.schema !== undefined && settings.schema && !settings.schema.accepts(hello.schema)
    if (hello.v !== VERSION) return this.#close(4426, `protocol version ${VERSION} is spoken here`)
    if (tooOld) return this.#close(4426, `schema ${settings.schema?.version} is spoken here`)
    const who = await this.#who('hello', hello.token)
    if (connection.over || who === 'over') return false
    const { roster } = connection.context
    const { limits } = settings
    const lane = laneOf(connection.transport)
    if (who.identity !== undefined && roster.of(who.identity, lane).size >= limits.connectionsPerIdentity) {
      return this.#close(4301, 'too many connections of this identity; after=60')
    }
    connection.identity = who.identity
    const twins = isBrief(connection.transport) ? [] : roster.twins(connection)
    for (const twin of twins.slice(0, Math.max(0, twins.length + 1 - TWINS))) twin.end(4409, 'replaced by a newer one')
    this.#welcome(hello, who.expiresAt)
    return !connection.over
  }

  /** Whether the fresh credentials are good; otherwise it is closed. */
  async auth(token: string): Promise<boolean> {
    const connection = this.#connection
    const who = await this.#who('auth', token)
    if (connection.over || who === 'over') return false
    if (who.identity !== connection.identity) return this.#close(4110, 'identity changed')
    connection.send({ t: 'authok', ...this.#expires('expiresInMs', who.expiresAt) })
    return true
  }

  #welcome(hello: Hello, expiresAt: number | undefined): void {
    const connection = this.#connection
    const { settings } = connection.context
    const { messageBytes, inFlight, unacked, dedupeMs } = settings.limits
    connection.send({
      t: 'welcome',
      conn: hello.conn,
      now: settings.clock.wall(),
      ...(connection.identity !== undefined && { identity: connection.identity }),
      heartbeatMs: settings.heartbeatMs,
      ...this.#expires('authExpiresInMs', expiresAt),
      ...(settings.schema && { schema: settings.schema.version }),
      limits: { messageBytes, inFlight, unacked, dedupeMs },
    })
    connection.opened(hello.topics.length)
    const farewell = connection.context.goaway()
    if (farewell) connection.alarms.set(farewell.inMs, () => connection.send(farewell.frame))
  }

  /** Ends the connection when the credentials expire, and asks for others before. */
  #expires<Name extends string>(name: Name, expiresAt: number | undefined): { readonly [K in Name]?: number } {
    for (const undo of this.#undo) undo()
    this.#undo = []
    if (expiresAt === undefined || expiresAt === Infinity) return {}
    const { alarms, context } = this.#connection
    const left = expiresAt - context.settings.clock.wall()
    this.#undo = [
      alarms.set(left * REAUTH_AT_LIFE, () => this.#connection.send({ t: 'reauth' })),
      alarms.set(left, () => this.#connection.end(4201, 'credentials expired')),
    ]
    const of: { [K in Name]?: number } = {}
    of[name] = left
    return of
  }

  async #who(reason: 'hello' | 'auth', token: string | undefined): Promise<Partial<Authenticated> | 'over'> {
    const { context, address } = this.#connection
    const { authenticate, clock } = context.settings
    if (!authenticate) return {}
    const { origin } = this.#headers
    const headers = this.#headers
    this.#asking++
    try {
      const answer = await called(this.#connection, AUTHENTICATE_MS, signal =>
        authenticate({
          ...(token !== undefined && { token }),
          ...(origin !== undefined && { origin }),
          headers,
          address,
          reason,
          get signal() {
            return signal()
          },
        }),
      )
      if (answer === null || typeof answer === 'string') return this.#denied(answer, reason)
      const { identity, expiresAt } = answer
      if (typeof identity !== 'string') throw new TypeError('Expected `authenticate` to give an `identity`.')
      if (this.#revoked.has(identity)) return this.#denied('revoked', reason)
      if (expiresAt !== undefined && !(expiresAt > clock.wall())) return this.#denied('expired', reason)
      return { identity, ...(expiresAt !== undefined && { expiresAt }) }
    } catch (error) {
      this.#connection.failed('authenticate', error)
      this.#close(1011, 'authentication is not working')
      return 'over'
    } finally {
      this.#asking--
      if (!this.#asking) this.#revoked.clear()
    }
  }

  #denied(denied: Denied, reason: 'hello' | 'auth'): 'over' {
    const why = denied ?? (reason === 'auth' ? 'refresh' : 'unauthorized')
    this.#close(CODES[why] ?? 4400, why)
    return 'over'
  }

  #close(code: number, reason: string): false {
    this.#connection.end(code, reason)
    return false
  }
}
