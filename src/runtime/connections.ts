import { ABNORMAL } from '../core/close-codes.ts'
import type { Disconnect } from '../core/disconnect.ts'
import type { Effect } from '../core/effect.ts'
import type { MachineEvent } from '../core/event.ts'
import { ResilientError } from '../core/resilient-error.ts'
import type { MachineState } from '../core/state.ts'
import type { Connection, Reports } from '../transports/transport.ts'
import { fetchTarget, type Protocols, type Provided, type Target, type Url } from './targets.ts'

/** A connection with its number and its traffic. */
export interface Link extends Connection {
  readonly number: number
  received: number
  sent: number
}

/** What the connections tell the app, and need of it. */
export interface App {
  readonly url: Provided<Url>
  readonly protocols: Provided<Protocols>
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
  readonly link: Link | null
  /** The connection that takes the app's messages now. */
  readonly serving: Link | null
  perform(effect: Effect): void
}

/** No connections yet. */
export function connections(app: App): Connections {
  const links = new Map<number, Link>()
  let link: Link | null = null
  let serving: Link | null = null
  // The last connection whose `error` event the app has seen.
  let erred = 0
  let target: Target | null = null
  let giveUp: (() => void) | null = null

  const ended = (number: number, origin: 'provider' | 'dial-failed', error?: ResilientError): void => {
    if (error) app.report(error)
    app.dispatch({ type: 'ended', number, code: ABNORMAL, reason: '', wasClean: false, origin })
  }

  /** The dial that an effect speaks of may be over by the time it is performed: the app closed in between. */
  const wanted = (number: number): boolean => {
    const { intent, dial } = app.state()
    return intent === 'run' && dial?.number === number
  }

  function authorize(number: number): void {
    if (!wanted(number)) return
    giveUp = fetchTarget(
      app.url,
      app.protocols,
      app.state().retry.attempt,
      fetched => {
        target = fetched
        app.dispatch({ type: 'authorized', number, expiresAt: null })
      },
      error => ended(number, 'provider', error),
    )
  }

  function dial(number: number): void {
    if (!wanted(number)) return
    const { url, protocols } = app
    const fixed = url instanceof Function || protocols instanceof Function ? null : { url, protocols }
    const to = target ?? fixed
    target = null
    const first = number === 1 && fixed
    try {
      if (!to) throw new ResilientError('ERR_DEFECT', 'Dialled before the target was fetched.')
      const { carrier, drop } = app.dial(to, {
        connected: () => app.dispatch({ type: 'connected', number }),
        message(event) {
          made.received++
          app.message(event)
        },
        erred() {
          if (serving && made !== serving) return
          erred = number
          app.erred()
        },
        ended(code, reason, wasClean) {
          links.delete(number)
          const failed = made === serving && erred === number
          app.dispatch({
            type: 'ended',
            number,
            code,
            reason,
            wasClean,
            ...(failed && { origin: 'browser-failed' as const }),
          })
        },
      })
      const made: Link = { number, carrier, drop, received: 0, sent: 0 }
      links.set(number, made)
      if (!serving) link = made
    } catch (cause) {
      // In the constructor the platform's own error reaches the app, as it does with a native socket.
      if (first) throw cause
      ended(
        number,
        'dial-failed',
        new ResilientError('ERR_PROVIDER', 'The URL or the subprotocols were refused.', cause),
      )
    }
  }

  function retire(number: number): void {
    giveUp?.()
    giveUp = null
    const retired = links.get(number)
    links.delete(number)
    if (serving === retired) serving = null
    retired?.drop()
  }

  return {
    get link() {
      return link
    },
    get serving() {
      return serving
    },
    perform(effect) {
      switch (effect.type) {
        case 'authorize':
          return authorize(effect.number)
        case 'dial':
          return dial(effect.number)
        case 'greet':
          return app.dispatch({ type: 'ready', number: effect.number })
        case 'serve':
          link = serving = links.get(effect.number) ?? null
          return app.opened(effect)
        case 'shut': {
          const shut = links.get(effect.number)
          if (shut) shut.carrier.close(effect.code, effect.reason)
          // Closed before it was dialled: there is nothing to wait for, but close() must have returned before it ends.
          else queueMicrotask(() => ended(effect.number, 'dial-failed'))
          return
        }
        case 'retire':
          return retire(effect.number)
        case 'disconnected': {
          const { disconnect, silent } = effect
          const { connection, openMs, origin } = disconnect
          if (silent) return
          if (connection === serving?.number) serving = null
          const failed = connection !== null && (openMs === null || origin === 'browser-failed')
          if (failed && erred !== connection) app.erred()
          return app.disconnected(disconnect)
        }
        case 'discard':
          return app.discard()
      }
    },
  }
}
