import type { MachineEvent } from '../core/event.ts'
import { CONNECT_TIMEOUT_MS, MAX_ATTEMPTS, STABLE_MS } from '../core/limits.ts'
import { outbox } from '../core/outbox.ts'
import { ResilientError } from '../core/resilient-error.ts'
import { systemClock } from '../runtime/clock.ts'
import { connections, type Link } from '../runtime/connections.ts'
import { driver } from '../runtime/driver.ts'
import { pageSignals } from '../runtime/page-signals.ts'
import { guardedBackoff } from '../runtime/policies.ts'
import { isProvider, type Protocols, type Provided, type Url } from '../runtime/targets.ts'
import type { Sendable } from '../transports/transport.ts'
import { dialWebSocket } from '../transports/websocket.ts'
import { OUTBOX_BYTES, OUTBOX_MESSAGES, STATUS_EVERY_MS } from './defaults.ts'
import { closeEvent, messageEvent, openEvent } from './events.ts'
import { type Lifecycle, lifecycle } from './lifecycle.ts'
import { snapshot } from './messages.ts'
import type { Options } from './options.ts'
import { type Status, statusOf } from './status.ts'

const TRANSPORTS = ['websocket']
const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3] as const

/** What stands behind a socket: the machine with its driver, its connections and its outbox. The class is the face. */
export interface Engine extends Lifecycle {
  /** The connection whose attributes the socket shows. */
  link(): Link | null
  status(): Status
  readyState(): number
  bufferedAmount(): number
  lastMessageAt(): number | null
  binaryType: BinaryType
  send(data: Sendable): void
  dispatch(event: MachineEvent): void
  ready(): Promise<void>
}

/** Builds the parts and, unless the options say otherwise, dials at once. `fire` dispatches an event on the socket. */
export function engine(
  url: Provided<Url>,
  protocols: Provided<Protocols>,
  options: Options,
  fire: (event: Event) => void,
): Engine {
  const { clock = systemClock, reconnect = true, outbox: bounds = {}, signal } = options
  const events = lifecycle()
  const { report } = events
  const box = bounds && outbox<Sendable>(bounds.maxMessages ?? OUTBOX_MESSAGES, bounds.maxBytes ?? OUTBOX_BYTES)
  const queued = (): { readonly messages: number; readonly bytes: number } => box || { messages: 0, bytes: 0 }

  let lastMessageAt: number | null = null
  // Bytes given to send() after the end, which native sockets count too.
  let discarded = 0
  let detach: (() => void) | null = null
  let started = false
  // The status: since when, when it was last made and when it is to be made again; epoch time minus monotonic time.
  let since = clock.wall()
  let refreshedAt = -Infinity
  let refreshAt = Infinity
  let offset = since - clock.now()

  const wires = connections(url, protocols, {
    dial({ url, protocols }, reports) {
      const WebSocketClass = options.WebSocket ?? globalThis.WebSocket
      if (!WebSocketClass)
        throw new ResilientError('ERR_NO_WEBSOCKET', 'No WebSocket here: pass one, `options.WebSocket`.')
      return dialWebSocket(WebSocketClass, url, protocols, self.binaryType, reports)
    },
    state: () => machine.state(),
    dispatch: event => machine.dispatch(event),
    opened({ number, reconnected, attempt, handover }) {
      if (handover) events.emit('handover', { connection: number })
      else fire(openEvent(reconnected, attempt))
      discarded = 0
      flush()
      counted()
    },
    message(event) {
      lastMessageAt = clock.wall()
      fire(messageEvent(event))
      counted()
    },
    erred: () => fire(new Event('error')),
    disconnected: disconnect => fire(closeEvent(disconnect)),
    discard() {
      const { messages, bytes } = queued()
      if (!box || !messages) return
      box.clear()
      counted()
      events.emit('discard', { messages, bytes })
    },
    report,
  })

  const machine = driver({
    clock,
    rules: {
      transports: TRANSPORTS,
      authorizes: isProvider(url) || isProvider(protocols),
      credentials: false,
      overlaps: false,
      maxAttempts: options.maxAttempts ?? MAX_ATTEMPTS,
      stableMs: options.stableMs ?? STABLE_MS,
      connectTimeoutMs: options.connectTimeoutMs ?? (reconnect ? CONNECT_TIMEOUT_MS : Infinity),
      decide: () => (reconnect ? undefined : 'stop'),
      backoff: guardedBackoff(options.backoff, report),
    },
    perform: wires.perform,
    observe(step) {
      const { received = 0, sent = 0 } = wires.link ?? {}
      const { now, wall, from, to } = step
      const record = { ...step, received, sent, queued: queued().messages }
      // A wall clock that was set moves what the status promises; a fraction of a millisecond must not.
      if (Math.abs(wall - now - offset) > 1_000) offset = wall - now
      if (from !== to) since = wall
      try {
        options.watch?.(record)
      } catch (cause) {
        report(new ResilientError('ERR_HANDLER', '`watch` threw.', cause))
      }
      events.emit('transition', record)
      refresh()
      attend()
    },
    refreshAt: () => refreshAt,
    refresh,
    defect: () => report(new ResilientError('ERR_DEFECT', 'A due tick changed nothing.')),
  })

  let status = makeStatus()

  function makeStatus(): Status {
    const { messages, bytes } = queued()
    const wallOf = (instant: number): number => Math.round(instant + offset)
    return statusOf(machine.state(), TRANSPORTS, since, wallOf, { lastMessageAt, messages, bytes })
  }

  function refresh(): void {
    refreshAt = Infinity
    refreshedAt = clock.now()
    const made = makeStatus()
    // The same object until something changes.
    if (JSON.stringify(made) === JSON.stringify(status)) return
    status = made
    events.emit('status', status)
  }

  /** A counter moved: whoever listens is told soon. Whoever does not finds out by asking. */
  function counted(): void {
    if (refreshAt < Infinity || !events.heard('status')) return
    refreshAt = refreshedAt + STATUS_EVERY_MS
    machine.arm()
  }

  /** The page and the signal are listened to only while there is something to do. */
  function attend(): void {
    const alive = machine.state().intent === 'run'
    if (alive === !!detach || !started) return
    if (!alive) {
      detach?.()
      detach = null
      return
    }
    const close = (): void => machine.dispatch({ type: 'close' })
    // Set first: the page may speak at once.
    let deaf: (() => void) | undefined
    detach = () => {
      signal?.removeEventListener('abort', close)
      deaf?.()
    }
    signal?.addEventListener('abort', close)
    if (reconnect)
      deaf = (options.pageSignals ?? pageSignals)(said => machine.dispatch({ type: 'signal', signal: said }))
  }

  function flush(): void {
    while (box && machine.state().intent === 'run' && wires.serving?.carrier.readyState === OPEN) {
      const first = box.take()
      if (!first) return
      try {
        transmit(wires.serving, first.message)
      } catch (cause) {
        report(new ResilientError('ERR_SEND', 'A queued message was refused, and dropped.', cause))
      }
    }
  }

  function transmit(link: Link, data: Sendable): void {
    link.sent++
    link.carrier.send(data)
  }

  function readyState(): number {
    const { intent, serving, dial } = machine.state()
    const { link } = wires
    const native = link && link.number === (serving ?? dial)?.number ? link.carrier.readyState : CONNECTING
    if (intent === 'closed') return CLOSED
    if (intent === 'closing') return native === CLOSED ? CLOSED : CLOSING
    if (serving && native === OPEN) return OPEN
    return reconnect || native === OPEN ? CONNECTING : native
  }

  const self: Engine = {
    ...events,
    binaryType: 'blob',
    dispatch: machine.dispatch,
    readyState,
    link: () => wires.link,
    lastMessageAt: () => lastMessageAt,
    bufferedAmount: () => (wires.link?.carrier.bufferedAmount ?? 0) + queued().bytes + discarded,
    status() {
      if (refreshAt === Infinity && clock.now() - refreshedAt >= STATUS_EVERY_MS) refresh()
      return status
    },
    send(data) {
      const { link, serving } = wires
      const running = machine.state().intent === 'run'
      if (running && serving?.carrier.readyState === OPEN) transmit(serving, data)
      else if (running && box) {
        const bound = box.add(...snapshot(data))
        if (bound)
          throw new ResilientError('ERR_OUTBOX_FULL', `\`outbox.${bound}\` reached: await \`ready()\`, or raise it.`)
        counted()
      } else if (running && readyState() !== link?.carrier.readyState) {
        throw new DOMException('Still in CONNECTING state.', 'InvalidStateError')
      } else if (link && link.carrier.readyState !== OPEN) {
        // Connecting: the native socket throws. Closing or closed: it counts the bytes and discards them.
        link.carrier.send(data)
      } else discarded += snapshot(data)[1]
    },
    ready: () =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const { serving, intent } = machine.state()
          if (!serving && intent === 'run') return
          off()
          if (serving) resolve()
          else reject(new ResilientError('ERR_CLOSED', 'The socket is closed; `reconnect()` begins again.'))
        }
        const off = events.on('status', look)
        look()
      }),
  }

  if (!options.startClosed && !signal?.aborted) machine.dispatch({ type: 'start' })
  started = true
  attend()
  return self
}
