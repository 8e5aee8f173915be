import { ABNORMAL } from '../core/close-codes.ts'
import type { Disconnect, Origin } from '../core/disconnect.ts'
import type { Effect } from '../core/effect.ts'
import type { MachineEvent } from '../core/event.ts'
import { ResilientError } from '../core/resilient-error.ts'
import type { MachineState } from '../core/state.ts'
import { type Carrier, detach } from '../transports/transport.ts'
import { fetchTarget, isProvider, type Protocols, type Provided, type Target, type Url } from './targets.ts'

/** A connection with its number and its traffic. */
export interface Link {
  readonly number: number
  readonly carrier: Carrier
  received: number
  sent: number
}

/** What the connections tell the app, and need of it. */
export interface App {
  readonly state: MachineState
  /** The constructor has returned. */
  readonly started: boolean
  dispatch(event: MachineEvent): void
  /** Makes a connection; throws what the platform throws. */
  dial(target: Target): Carrier
  opened(effect: Extract<Effect, { readonly type: 'serve' }>): void
  message(event: MessageEvent): void
  erred(): void
  disconnected(disconnect: Disconnect): void
  discard(): void
  report(error: unknown): void
}

function isClose(event: Event): event is CloseEvent {
  return event.type === 'close'
}

/** The connections of one socket: performs what the machine decides. */
export class Connections {
  /** The connection whose attributes the socket shows: the serving one, else the last one dialled. */
  link: Link | null = null
  /** The connection that takes the app's messages now. */
  serving: Link | null = null
  /** The last one dialled. */
  #dialled: Link | null = null
  /** The number of the last connection whose `error` event the app has seen. */
  #erred = 0
  #giveUp: (() => void) | undefined
  #target: Target | undefined
  readonly #app: App
  readonly #url: Provided<Url>
  readonly #protocols: Provided<Protocols>

  constructor(url: Provided<Url>, protocols: Provided<Protocols>, app: App) {
    this.#app = app
    this.#url = url
    this.#protocols = protocols
    if (!isProvider(url) && !isProvider(protocols)) this.#target = { url, protocols }
  }

  perform(effect: Effect): void {
    const app = this.#app
    const number = 'number' in effect ? effect.number : 0
    const link = [this.link, this.#dialled].find(each => each?.number === number)
    // The app may have closed since the machine decided to dial.
    const wanted = app.state.intent === 'run' && app.state.dial?.number === number
    switch (effect.type) {
      case 'authorize':
        if (wanted) this.#authorize(number)
        break
      case 'dial':
        if (wanted) this.#dial(number)
        break
      case 'greet':
        app.dispatch({ type: 'ready', number })
        break
      case 'serve':
        // A watcher may have closed it: then it never opens.
        if (app.state.intent !== 'run') break
        this.link = this.serving = link ?? null
        app.opened(effect)
        break
      case 'shut':
        if (link) link.carrier.close(effect.code, effect.reason)
        // Closed before it was dialled: nothing to wait for, but close() must have returned before it ends.
        else queueMicrotask(() => this.#ended(number))
        break
      case 'retire':
        // Also of a connection that is being fetched for; what was fetched already does not mind.
        this.#giveUp?.()
        if (this.serving === link) this.serving = null
        if (link) {
          detach(link.carrier)
          link.carrier.close()
        }
        break
      case 'disconnected': {
        const { connection, openMs, origin } = effect.disconnect
        if (effect.silent) break
        if (connection === this.serving?.number) this.serving = null
        const failed = connection !== null && (openMs === null || origin === 'browser-failed')
        if (failed && this.#erred !== connection) app.erred()
        app.disconnected(effect.disconnect)
        break
      }
      case 'discard':
        app.discard()
    }
  }

  #ended(number: number, origin?: Origin, code: number = ABNORMAL, reason = '', wasClean = false): void {
    this.#app.dispatch({ type: 'ended', number, code, reason, wasClean, ...(origin && { origin }) })
  }

  #authorize(number: number): void {
    const app = this.#app
    this.#giveUp = fetchTarget(
      this.#url,
      this.#protocols,
      app.state.retry.attempt,
      target => {
        this.#target = target
        app.dispatch({ type: 'authorized', number, expiresAt: null })
      },
      error => {
        app.report(error)
        this.#ended(number, 'provider')
      },
    )
  }

  #dial(number: number): void {
    const app = this.#app
    if (!this.#target) return
    try {
      const carrier = app.dial(this.#target)
      const link: Link = { number, carrier, received: 0, sent: 0 }
      this.#dialled = link
      if (!this.serving) this.link = link
      carrier.onmessage = event => {
        link.received++
        app.message(event)
      }
      carrier.onopen = carrier.onerror = carrier.onclose = (event: Event) => this.#hear(link, event)
    } catch (cause) {
      // In the constructor the platform's own error reaches the app, as it does with a native socket.
      if (!app.started) throw cause
      app.report(new ResilientError('ERR_PROVIDER', 'The WebSocket class refused the URL or the protocols.', cause))
      this.#ended(number)
    }
  }

  #hear({ number, carrier }: Link, event: Event): void {
    const serves = this.serving?.number === number
    if (isClose(event)) {
      const { code, reason, wasClean } = event
      detach(carrier)
      this.#ended(number, serves && this.#erred === number ? 'browser-failed' : undefined, code, reason, wasClean)
    } else if (event.type === 'open') this.#app.dispatch({ type: 'connected', number })
    else if (serves || !this.serving) {
      this.#erred = number
      this.#app.erred()
    }
  }
}
