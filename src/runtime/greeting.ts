import type { MachineEvent } from '../core/event.ts'
import { asOwn, ResilientError } from '../core/resilient-error.ts'
import type { MachineState } from '../core/state.ts'
import type { SessionLayer } from '../session/layer.ts'
import { OPEN } from '../transports/transport.ts'
import type { ConnectionHook, Link } from './link.ts'
import { isSecret } from './secrets.ts'

/** What greeting needs of the socket. */
interface Greeter {
  readonly state: MachineState
  readonly options: { readonly beforeOpen?: ConnectionHook }
  readonly layer: SessionLayer | undefined
  readonly binaryType: BinaryType
  dispatch(event: MachineEvent): void
  report(error: unknown): void
}

/**
 * Makes a connection ready for the app: by the session, where the server speaks its protocol, else by the app's hook.
 *
 * @param failed - It could not be made ready.
 */
export function greet(link: Link, app: Greeter, failed: () => void): void {
  const { number, carrier, confidential } = link
  const { layer } = app
  const ready = (): void => app.dispatch({ type: 'ready', number })
  if (isSecret(carrier.protocol, confidential.secrets)) {
    app.report(new ResilientError('ERR_SECRET', 'The server selected the subprotocol that holds the credential.'))
  }
  if (layer && !layer.plain) {
    const { signal } = link.connection()
    const { token } = confidential
    const { id = '' } = app.state.dial ?? {}
    const greeted = layer.greet({ number, id, protocol: link.protocol, token, signal })
    if (greeted) {
      link.takes = ({ data }) => layer.receives(number, data)
      wait(greeted, 'The session could not be begun; backing off.')
      return
    }
    carrier.binaryType = app.binaryType
  }
  if (confidential.firstMessage !== undefined) {
    link.sent++
    carrier.send(confidential.firstMessage)
  }
  const { beforeOpen } = app.options
  if (!beforeOpen) {
    ready()
    return
  }
  link.keep()
  // In a promise: one that throws at once has failed like one that rejects.
  wait(new Promise<void>(resolve => resolve(beforeOpen(link.connection()))))

  function wait(hooked: Promise<void>, failure?: string): void {
    hooked.then(
      // One that is closing already does not open any more: its end is on its way.
      () => carrier.readyState === OPEN && ready(),
      cause => {
        // Of a connection that has ended, or is being closed, the hook has nothing to say.
        const { intent, dial } = app.state
        if (intent !== 'run' || dial?.number !== number) return
        const own = new ResilientError('ERR_HOOK', '`beforeOpen` failed; backing off.', cause)
        app.report(failure ? asOwn(cause, 'ERR_HOOK', failure) : own)
        failed()
      },
    )
  }
}
