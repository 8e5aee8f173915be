import { ABNORMAL } from '../core/close-codes.ts'
import type { Disconnect, Origin } from '../core/disconnect.ts'
import type { Effect } from '../core/effect.ts'
import type { MachineEvent } from '../core/event.ts'
import { ResilientError } from '../core/resilient-error.ts'
import type { MachineState } from '../core/state.ts'
import type { Connection, Reports } from '../transports/transport.ts'
import { fetchTarget, isProvider, type Protocols, type Provided, type Target, type Url } from './targets.ts'

/** A connection with its number and its traffic. */
export interface Link extends Connection {
  readonly number: number
  received: number
  sent: number
}

/** What the connections tell the app, and need of it. */
export interface App {
  /** Makes a connection; throws what the platform throws. */
  dial(target: Target, reports: Reports): Connection
  state(): MachineState
  dispatch(event: MachineEvent): void
  opened(effect: Extract<Effect, { readonly type: 'serve' }>): void
  message(event: MessageEvent): void
  erred(): void
  disconnected(disconnect: Disconnect): void
  discard(): void
  report(error: ResilientError): void
}

/** The connections of one socket: performs what the machine decides. */
export interface Connections {
  /** The connection whose attributes the socket shows: the serving one, else the last one dialled. */
  link: Link | null
  /** The connection that takes the app's messages now. */
  serving: Link | null
  perform(effect: Effect): void
}

/** No connections yet. */
export function connections(url: Provided<Url>, protocols: Provided<Protocols>, app: App): Connections {
  const links = new Map<number, Link>()
  // The last connection whose `error` event the app has seen.
  let erred = 0
  let target: Target | undefined
  let giveUp: (() => void) | undefined
  const provided = isProvider(url) || isProvider(protocols)
  if (!isProvider(url) && !isProvider(protocols)) target = { url, protocols }

  function ended(number: number, origin?: Origin, code: number = ABNORMAL, reason = '', wasClean = false): void {
    app.dispatch({ type: 'ended', number, code, reason, wasClean, ...(origin && { origin }) })
  }

  function authorize(number: number): void {
    giveUp = fetchTarget(
      url,
      protocols,
      app.state().retry.attempt,
      fetched => {
        target = fetched
        app.dispatch({ type: 'authorized', number, expiresAt: null })
      },
      error => {
        app.report(error)
        ended(number, 'provider')
      },
    )
  }

  function dial(number: number): void {
    if (!target) return
    try {
      const { carrier, drop } = app.dial(target, {
        connected: () => app.dispatch({ type: 'connected', number }),
        message(event) {
          link.received++
          app.message(event)
        },
        erred() {
          if (self.serving && self.serving !== link) return
          erred = number
          app.erred()
        },
        ended(code, reason, wasClean) {
          links.delete(number)
          ended(
            number,
            self.serving === link && erred === number ? 'browser-failed' : undefined,
            code,
            reason,
            wasClean,
          )
        },
      })
      const link: Link = { number, carrier, drop, received: 0, sent: 0 }
      links.set(number, link)
      if (!self.serving) self.link = link
    } catch (cause) {
      // In the constructor the platform's own error reaches the app, as it does with a native socket.
      if (number === 1 && !provided) throw cause
      app.report(new ResilientError('ERR_PROVIDER', 'The WebSocket class refused the URL or the protocols.', cause))
      ended(number)
    }
  }

  const self: Connections = {
    link: null,
    serving: null,
    perform(effect) {
      const number = 'number' in effect ? effect.number : 0
      const { intent, dial: wanted } = app.state()
      const link = links.get(number)
      switch (effect.type) {
        // The app may have closed since the machine decided to dial.
        case 'authorize':
          if (intent === 'run' && wanted?.number === number) authorize(number)
          break
        case 'dial':
          if (intent === 'run' && wanted?.number === number) dial(number)
          break
        case 'greet':
          app.dispatch({ type: 'ready', number })
          break
        case 'serve':
          self.link = self.serving = link ?? null
          app.opened(effect)
          break
        case 'shut':
          if (link) link.carrier.close(effect.code, effect.reason)
          // Closed before it was dialled: nothing to wait for, but close() must have returned before it ends.
          else queueMicrotask(() => ended(number))
          break
        case 'retire':
          giveUp?.()
          links.delete(number)
          if (self.serving === link) self.serving = null
          link?.drop()
          break
        case 'disconnected': {
          const { connection, openMs, origin } = effect.disconnect
          if (effect.silent) break
          if (connection === self.serving?.number) self.serving = null
          const failed = connection !== null && (openMs === null || origin === 'browser-failed')
          if (failed && erred !== connection) app.erred()
          app.disconnected(effect.disconnect)
          break
        }
        case 'discard':
          app.discard()
      }
    },
  }
  return self
}
