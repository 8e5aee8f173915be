import { ABNORMAL } from '../core/close-codes.ts'
import type { Disconnect, Origin } from '../core/disconnect.ts'
import type { Effect } from '../core/effect.ts'
import type { MachineEvent, Vitals } from '../core/event.ts'
import { idleTimeout, ResilientError } from '../core/resilient-error.ts'
import type { Rules } from '../core/rules.ts'
import type { MachineState } from '../core/state.ts'
import type { Heartbeat } from '../policies/heartbeat.ts'
import type { SessionLayer } from '../session/layer.ts'
import { bufferedBy, type Carrier, OPEN, type Sendable } from '../transports/transport.ts'
import type { Clock } from './clock.ts'
import { greet } from './greeting.ts'
import { type ConnectionHook, Link, type Listener } from './link.ts'
import { redact } from './secrets.ts'
import type { Target, Targets } from './targets.ts'
import { VitalSigns } from './vital-signs.ts'

/** What the connections tell the app, and need of it. */
export interface App {
  readonly state: MachineState
  readonly clock: Clock
  readonly rules: Rules & { readonly heartbeat: Heartbeat | undefined }
  /** The constructor has returned. */
  readonly started: boolean
  readonly options: { readonly beforeOpen?: ConnectionHook }
  /** What the option `session` made. */
  readonly layer: SessionLayer | undefined
  readonly binaryType: BinaryType
  /** How long nothing was heard on the serving connection, in ms of the wall clock. */
  readonly silentMs: number
  dispatch(event: MachineEvent): void
  /** Makes a connection; throws what the platform throws. */
  dial(target: Target): Carrier
  opened(effect: Extract<Effect, { readonly type: 'serve' }>): void
  message(event: MessageEvent): void
  /** Something was heard that is no message of the app's. */
  hear(): void
  /** A counter moved. */
  counted(): void
  /** The serving connection has shown that it survived: what was sent meanwhile waits. */
  trusted(): void
  erred(): void
  disconnected(disconnect: Disconnect): void
  /** What is queued goes. */
  discard(why: 'closed' | 'identity'): void
  report(error: unknown): void
  /** A fresh credential came while no dial waits for it. */
  renewed(token: string | undefined): void
}

function isClose(event: Event): event is CloseEvent {
  return event.type === 'close'
}

/** The connections of one socket: performs what the machine decides. */
export class Connections implements Listener {
  /** The connection whose attributes the socket shows: the serving one, else the last one dialled. */
  link: Link | null = null
  /** The connection that takes the app's messages now. */
  serving: Link | null = null
  /** The last one dialled. */
  #dialled: Link | null = null
  /** The one that served until a moment ago, and is to be retired. */
  #outgoing: Link | null = null
  /** The number of the last connection whose `error` event the app has seen. */
  #erred = 0
  readonly #app: App
  readonly #targets: Targets

  constructor(targets: Targets, app: App) {
    this.#app = app
    this.#targets = targets
  }

  /** See the event `tick`. */
  get traffic(): number | undefined {
    const { serving } = this
    if (!serving || !this.#app.state.serving?.rotation) return undefined
    return bufferedBy(serving.carrier) ? -1 : serving.received + serving.sent
  }

  /** What is known of the traffic of the serving connection. */
  vitals(): Vitals | undefined {
    const { serving } = this
    if (!serving) return undefined
    const { received, signs, awaitedAt, carrier } = serving
    const messages = received - (signs?.pongs ?? 0)
    const heardAt = this.now - this.#app.silentMs
    const buffered = bufferedBy(carrier)
    return { received, messages, heardAt, awaitedAt, roundTripMs: signs?.roundTripMs ?? null, buffered }
  }

  perform(effect: Effect): void {
    const number = 'number' in effect ? effect.number : 0
    const link = this.#find(number)
    try {
      this.#perform(effect, number, link)
    } catch (cause) {
      // In the constructor the platform's own error reaches the app, as it does with a native socket.
      if (!this.#app.started) throw cause
      this.report(new ResilientError('ERR_SEND', 'The WebSocket class threw: that connection is given up.', cause))
      if (link && effect.type !== 'retire') this.perform({ type: 'retire', number })
      this.#ended(number)
    }
  }

  #perform(effect: Effect, number: number, link: Link | null | undefined): void {
    const app = this.#app
    const targets = this.#targets
    // The app may have closed since the machine decided to dial.
    const wanted = app.state.intent === 'run' && app.state.dial?.number === number
    switch (effect.type) {
      case 'authorize':
        if (wanted) targets.authorize(number, app)
        break
      case 'renew':
        if (app.state.renewal) targets.renew(effect.fresh, app)
        break
      case 'refuse':
        targets.refuse(link?.confidential.token)
        break
      case 'abandon':
        targets.abandon()
        break
      case 'dial':
        if (wanted) this.#dial(number)
        break
      case 'greet':
        if (link) greet(link, app, () => this.#failed(link))
        break
      case 'serve':
        // A watcher may have closed it: then it never opens.
        if (app.state.intent !== 'run') break
        this.#outgoing = this.serving
        this.link = this.serving = link ?? null
        app.opened(effect)
        break
      case 'ping':
        if (link && app.state.serving?.number === number && link.signs?.ping(link)) link.sent++
        break
      case 'trust':
        if (app.state.serving?.number === number) app.trusted()
        break
      case 'learnt':
        app.report(idleTimeout(effect.silentMs, effect.everyMs))
        break
      case 'shut':
        if (link) {
          link.carrier.close(effect.code, effect.reason)
          link.giveUp()
        }
        // Closed before it was dialled: nothing to wait for, but close() must have returned before it ends.
        else queueMicrotask(() => this.#ended(number))
        break
      case 'retire':
        if (this.serving === link) this.serving = null
        if (this.#outgoing === link) this.#outgoing = null
        if (link) {
          link.end()
          link.carrier.close()
        } else targets.drop()
        break
      case 'disconnected': {
        const { connection, openMs, origin } = effect.disconnect
        const early = openMs === null || openMs < app.rules.stableMs
        // An endpoint that fails makes room for the next one; one that is left on purpose leads back to the first.
        if (origin === 'client') targets.endpoint = 0
        else if (early && origin !== 'provider' && app.state.session.credential !== 'refused') targets.endpoint++
        app.layer?.ended(effect.disconnect)
        if (effect.silent) break
        if (connection === this.serving?.number) this.serving = null
        const failed = connection !== null && (openMs === null || origin === 'browser-failed')
        if (failed && this.#erred !== connection) app.erred()
        app.disconnected(effect.disconnect)
        break
      }
      case 'discard':
        targets.forget()
        app.discard('closed')
    }
  }

  #find(number: number): Link | null | undefined {
    return [this.link, this.#dialled, this.#outgoing].find(each => each?.number === number)
  }

  /** Sends on that connection; `false` when it is gone, or not open. */
  write(number: number, frame: Sendable): boolean {
    const link = this.#find(number)
    if (link?.carrier.readyState !== OPEN) return false
    link.sent++
    link.carrier.send(frame)
    return true
  }

  #ended(number: number, origin?: Origin, code: number = ABNORMAL, reason = '', wasClean = false): void {
    const silence = this.serving?.number === number && { silentMs: this.#app.silentMs }
    this.#app.dispatch({ type: 'ended', number, code, reason, wasClean, ...(origin && { origin }), ...silence })
  }

  #dial(number: number): void {
    const app = this.#app
    const target = this.#targets.take()
    if (!target) return
    const { confidential } = target
    try {
      const carrier = app.dial(target)
      const { heartbeat } = app.rules
      this.#dialled = new Link(number, carrier, confidential, this, heartbeat && new VitalSigns(heartbeat, app))
      if (!this.serving) this.link = this.#dialled
      this.#listen(this.#dialled)
    } catch (cause) {
      // In the constructor the platform's own error reaches the app, as it does with a native socket.
      if (!app.started) throw cause
      const { secrets } = confidential
      // The platform's message names what it refuses.
      const shown = secrets.length ? new Error(redact(`${cause}`, secrets)) : cause
      app.report(new ResilientError('ERR_PROVIDER', 'The WebSocket class refused the URL or the protocols.', shown))
      if (this.#dialled?.number === number) this.perform({ type: 'retire', number })
      this.#ended(number)
    }
  }

  /** A method of its own: what its listeners see is all that they keep alive. */
  #listen(link: Link): void {
    const app = this.#app
    const { carrier } = link
    carrier.onmessage = event => {
      if (!link.hears(event)) app.message(event)
    }
    carrier.onopen = carrier.onerror = carrier.onclose = (event: Event) => this.#hear(link, event)
  }

  /** It could not be made ready. */
  #failed(link: Link): void {
    link.end()
    link.carrier.close()
    this.#ended(link.number, 'hook')
  }

  #hear(link: Link, event: Event): void {
    const { number, carrier, confidential } = link
    const serves = this.serving?.number === number
    if (isClose(event)) {
      const { code, reason, wasClean } = event
      const failed = serves && this.#erred === number
      link.end()
      this.#ended(number, failed ? 'browser-failed' : undefined, code, redact(reason, confidential.secrets), wasClean)
    } else if (event.type === 'open') {
      // Once, and a listener costs an idle socket its bytes.
      carrier.onopen = null
      this.#app.dispatch({ type: 'connected', number })
    } else if (this.#erred !== number && (serves || !this.serving)) {
      this.#erred = number
      this.#app.erred()
    }
  }

  // ── what a link tells ──

  get now(): number {
    return this.#app.clock.now()
  }

  message(event: MessageEvent): void {
    this.#app.message(event)
  }

  heard(): void {
    this.#app.hear()
  }

  awaits(): void {
    const { serving } = this
    if (serving?.signs) this.#app.dispatch({ type: 'stirred', number: serving.number })
  }

  report(error: unknown): void {
    this.#app.report(error)
  }

  flooded(link: Link): void {
    this.report(new ResilientError('ERR_HOOK', 'More arrived during `beforeOpen` than can be kept: end it sooner.'))
    this.ended(link.number, ABNORMAL, '')
  }

  ended(number: number, code: number, reason: string): void {
    const link = this.#find(number)
    if (!link) return
    link.end()
    link.carrier.close()
    this.#ended(number, 'hook', code, redact(reason, link.confidential.secrets))
  }
}
