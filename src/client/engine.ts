import type { MachineEvent } from '../core/event.ts'
import { CONNECT_TIMEOUT_MS, MAX_ATTEMPTS, STABLE_MS } from '../core/limits.ts'
import { outbox } from '../core/outbox.ts'
import { ResilientError } from '../core/resilient-error.ts'
import type { Rules } from '../core/rules.ts'
import { initialState } from '../core/state.ts'
import type { TransitionRecord } from '../core/trace.ts'
import { systemClock } from '../runtime/clock.ts'
import { connections, type Link } from '../runtime/connections.ts'
import { driver } from '../runtime/driver.ts'
import { pageSignals } from '../runtime/page-signals.ts'
import { policies } from '../runtime/policies.ts'
import type { Protocols, Provided, Url } from '../runtime/targets.ts'
import type { Carrier, Sendable } from '../transports/transport.ts'
import { dialWebSocket } from '../transports/websocket.ts'
import { OUTBOX_BYTES, OUTBOX_MESSAGES, STATUS_EVERY_MS } from './defaults.ts'
import { closeEvent, messageEvent, openEvent } from './events.ts'
import { type Lifecycle, lifecycle } from './lifecycle.ts'
import { snapshot } from './messages.ts'
import type { Options } from './options.ts'
import { type Status, sameStatus, statusOf } from './status.ts'

const TRANSPORTS = ['websocket']
const CONNECTING = 0
const OPEN = 1
const CLOSING = 2
const CLOSED = 3

type ReadyState = Carrier['readyState']

/** What stands behind a socket: the machine with its driver, its connections and its outbox. The class is the face. */
export interface Engine extends Lifecycle {
  readonly status: Status
  readonly readyState: ReadyState
  readonly bufferedAmount: number
  readonly lastMessageAt: number | null
  readonly link: Link | null
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
  const watchers = [options.watch ?? []].flat()
  const box = bounds ? outbox<Sendable>(bounds.maxMessages ?? OUTBOX_MESSAGES, bounds.maxBytes ?? OUTBOX_BYTES) : null
  const asked = policies(() => (reconnect ? undefined : 'stop'), options.backoff, report)
  const rules: Rules = {
    maxAttempts: options.maxAttempts ?? MAX_ATTEMPTS,
    stableMs: options.stableMs ?? STABLE_MS,
    connectTimeoutMs: options.connectTimeoutMs ?? (reconnect ? CONNECT_TIMEOUT_MS : Infinity),
    transports: TRANSPORTS,
    authorizes: url instanceof Function || protocols instanceof Function,
    credentials: false,
    overlaps: false,
    decide: asked.decide,
    backoff: asked.backoff,
  }

  let binaryType: BinaryType = 'blob'
  let lastMessageAt: number | null = null
  // Bytes given to send() after the end, which native sockets count too.
  let discarded = 0
  let waiters: { resolve(): void; reject(error: ResilientError): void }[] = []
  let detach: (() => void) | null = null
  let started = false

  const wires = connections({
    url,
    protocols,
    dial(target, reports) {
      const WebSocketClass = options.WebSocket ?? globalThis.WebSocket
      if (!WebSocketClass) {
        throw new ResilientError(
          'ERR_NO_WEBSOCKET',
          'This runtime has no WebSocket: pass one as `options.WebSocket`, for example that of the ws package.',
        )
      }
      return dialWebSocket(WebSocketClass, target.url, target.protocols, binaryType, reports)
    },
    state: () => machine.state,
    dispatch: event => machine.dispatch(event),
    opened({ number, reconnected, attempt, handover }) {
      if (handover) events.emit('handover', { connection: number })
      else fire(openEvent(reconnected, attempt))
      discarded = 0
      flush()
      for (const { resolve } of waiters) resolve()
      waiters = []
    },
    message(event) {
      lastMessageAt = clock.wall()
      fire(messageEvent(event))
      if (refreshAt === Infinity && events.heard('status')) refreshSoon()
    },
    erred: () => fire(new Event('error')),
    disconnected(disconnect) {
      fire(closeEvent(disconnect))
      if (disconnect.next.type !== 'stop') return
      for (const { reject } of waiters) reject(closedError())
      waiters = []
    },
    discard() {
      if (!box?.messages) return
      const { messages, bytes } = box
      box.clear()
      events.emit('discard', { messages, bytes })
    },
    report,
  })

  const machine = driver(
    {
      clock,
      rules,
      policies: asked,
      perform: wires.perform,
      observe,
      traffic: () => ({
        received: wires.link?.received ?? 0,
        sent: wires.link?.sent ?? 0,
        queued: box ? box.messages : 0,
      }),
      refreshAt: () => refreshAt,
      refresh,
      defect: () => report(new ResilientError('ERR_DEFECT', 'A due tick changed nothing; please report the trace.')),
    },
    initialState(),
  )

  // --- status ---

  let offset = clock.wall() - clock.now()
  let since = clock.wall()
  let refreshedAt = -Infinity
  let refreshAt = Infinity
  let status = makeStatus()

  function makeStatus(): Status {
    return statusOf(machine.state, TRANSPORTS, since, instant => Math.round(instant + offset), {
      lastMessageAt,
      messages: box ? box.messages : 0,
      bytes: box ? box.bytes : 0,
    })
  }

  function refresh(): void {
    refreshAt = Infinity
    refreshedAt = clock.now()
    const made = makeStatus()
    if (sameStatus(status, made)) return
    status = made
    events.emit('status', status)
  }

  function refreshSoon(): void {
    refreshAt = Math.max(clock.now(), refreshedAt + STATUS_EVERY_MS)
    machine.arm()
  }

  function observe(record: TransitionRecord): void {
    const { now, wall, from, to } = record
    // A wall clock that was set moves what the status promises; a fraction of a millisecond must not.
    if (Math.abs(wall - now - offset) > 1_000) offset = wall - now
    if (from !== to) since = wall
    for (const watcher of watchers) {
      try {
        watcher(record)
      } catch (cause) {
        report(new ResilientError('ERR_HANDLER', 'A watcher threw; the others go on.', cause))
      }
    }
    events.emit('transition', record)
    refresh()
    attend()
  }

  // --- what is listened to only while there is something to do ---

  function attend(): void {
    const alive = machine.state.intent === 'run'
    if (started && alive && !detach) {
      const close = (): void => machine.dispatch({ type: 'close' })
      signal?.addEventListener('abort', close)
      const hear = reconnect && (options.pageSignals ?? pageSignals)
      const deaf = hear ? hear(said => machine.dispatch({ type: 'signal', signal: said })) : undefined
      detach = () => {
        signal?.removeEventListener('abort', close)
        deaf?.()
      }
    } else if (!alive && detach) {
      detach()
      detach = null
    }
  }

  // --- sending ---

  function flush(): void {
    while (box?.messages && machine.state.intent === 'run' && wires.serving?.carrier.readyState === OPEN) {
      const first = box.take()
      if (!first) return
      try {
        transmit(wires.serving, first.message)
      } catch (cause) {
        report(new ResilientError('ERR_SEND', 'The connection refused a queued message; it was dropped.', cause))
      }
    }
  }

  function transmit(link: Link, data: Sendable): void {
    link.sent++
    link.carrier.send(data)
  }

  function readyState(): ReadyState {
    const { intent, serving, dial } = machine.state
    const { link } = wires
    const live = serving ?? dial
    const native = live && link?.number === live.number ? link.carrier.readyState : null
    if (intent === 'closed') return CLOSED
    if (intent === 'closing') return native === CLOSED ? CLOSED : CLOSING
    if (serving && native === OPEN) return OPEN
    return reconnect || native === null || native === OPEN ? CONNECTING : native
  }

  function closedError(): ResilientError {
    return new ResilientError('ERR_CLOSED', 'The socket is closed: `reconnect()` begins again.')
  }

  const self: Engine = {
    ...events,
    dispatch: machine.dispatch,
    get status() {
      const { messages, bytes } = status.queued
      const counted =
        status.lastMessageAt !== lastMessageAt || (box && (messages !== box.messages || bytes !== box.bytes))
      if (counted && clock.now() - refreshedAt >= STATUS_EVERY_MS) refresh()
      return status
    },
    get readyState() {
      return readyState()
    },
    get bufferedAmount() {
      return (wires.link?.carrier.bufferedAmount ?? 0) + (box ? box.bytes : 0) + discarded
    },
    get lastMessageAt() {
      return lastMessageAt
    },
    get link() {
      return wires.link
    },
    get binaryType() {
      return binaryType
    },
    set binaryType(type) {
      binaryType = type
      if (wires.link) wires.link.carrier.binaryType = type
    },
    send(data) {
      const { link, serving } = wires
      const running = machine.state.intent === 'run'
      if (running && serving?.carrier.readyState === OPEN) return transmit(serving, data)
      if (running && box) {
        const { message, bytes } = snapshot(data)
        const bound = box.add(message, bytes)
        if (!bound) return
        throw new ResilientError(
          'ERR_OUTBOX_FULL',
          `The outbox is full (\`outbox.${bound}\`): wait for \`ready()\`, or raise the bound.`,
        )
      }
      const native = link?.carrier.readyState
      // Connecting: the native socket throws. Closing or closed: it counts the bytes and discards them.
      if (link && (running ? readyState() === native : native !== OPEN)) return link.carrier.send(data)
      if (running) throw new DOMException('Still in CONNECTING state.', 'InvalidStateError')
      discarded += snapshot(data).bytes
    },
    ready() {
      const { intent, serving } = machine.state
      if (intent !== 'run') return Promise.reject(closedError())
      if (serving) return Promise.resolve()
      return new Promise((resolve, reject) => waiters.push({ resolve, reject }))
    },
  }

  if (!options.startClosed && !signal?.aborted) machine.dispatch({ type: 'start' })
  started = true
  attend()
  return self
}
