import { ResilientError } from '../core/resilient-error.ts'
import type { MachineState } from '../core/state.ts'
import type { Link } from '../runtime/link.ts'
import { OPEN } from '../transports/transport.ts'
import type { Lifecycle } from './lifecycle.ts'

const CONNECTING = 0
const CLOSING = 2
const CLOSED = 3

/** What `readyState` shows: CLOSED is terminal, and between connections it is CONNECTING. */
export function readyStateOf({ intent, serving, dial }: MachineState, link: Link | null, reconnects: boolean): number {
  // Where one takes over from another, what the socket shows is still the other.
  const shown = intent === 'run' && serving ? link : link?.number === (serving ?? dial)?.number && link
  const native = shown ? shown.carrier.readyState : CONNECTING
  if (intent === 'closed') return CLOSED
  if (intent === 'closing') return native === CLOSED ? CLOSED : CLOSING
  if (serving && native === OPEN) return OPEN
  return reconnects || native === OPEN ? CONNECTING : native
}

/** Nothing more comes of it. */
export function closedForGood(): ResilientError {
  return new ResilientError('ERR_CLOSED', 'The socket is closed; `reconnect()` begins again.')
}

/** Resolves when the socket is open; rejects when it is closed for good before that. */
export function whenOpen(socket: Lifecycle & { readonly state: MachineState }): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const { serving, intent } = socket.state
      if (!serving && intent === 'run') return
      off()
      if (serving) resolve()
      else reject(closedForGood())
    }
    const off = socket.on('status', look)
    look()
  })
}
