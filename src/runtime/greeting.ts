import type { MachineEvent } from '../core/event.ts'
import { asOwn, ResilientError } from '../core/resilient-error.ts'
import type { MachineState } from '../core/state.ts'
import type { SessionLayer } from '../session/layer.ts'
import { OPEN } from '../transports/transport.ts'
import type { ConnectionHook, HookConnection, Link } from './link.ts'
import { isSecret } from './secrets.ts'

/** What greeting needs of the socket. */
interface Greeter {
  readonly state: MachineState
  readonly options: { readonly beforeOpen?: ConnectionHook }
  readonly layer: SessionLayer | undefined
  /** Asks for what was missed. */
  readonly continuity: { readonly since: ConnectionHook | undefined } | undefined
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
  const ready = (): void => {
    const { transport } = carrier
    app.dispatch({ type: 'ready', number, ...(transport !== undefined && { transport }) })
  }
  if (isSecret(carrier.protocol, confidential.secrets)) {
    app.report(new ResilientError('ERR_SECRET', 'The server selected the subprotocol that holds the credential.'))
  }
  if (layer && !layer.plain) {
    const { signal } = link.connection()
    const { token } = confidential
    const { id = '' } = app.state.dial ?? {}
    const greeted = layer.greet({ number, id, protocol: link.protocol, token, signal })
    if (greeted) {
      link.takes = ({ data }) => {
        layer.receives(number, data)
        return true
      }
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
  const since = app.continuity?.since
  if (!beforeOpen && !since) {
    ready()
    return
  }
  link.keep()
  wait(prepare(link.connection(), { beforeOpen, 'resume.since': since }), '')

  function wait(prepared: Promise<void>, failure: string): void {
    prepared.then(
      // One that is closing already does not open any more: its end is on its way.
      () => carrier.readyState === OPEN && ready(),
      cause => {
        // Of a connection that has ended, or is being closed, the hook has nothing to say.
        const { intent, dial } = app.state
        if (intent !== 'run' || dial?.number !== number) return
        app.report(asOwn(cause, 'ERR_HOOK', failure))
        failed()
      },
    )
  }
}

/** Runs the app's hooks, one after the other. */
async function prepare(
  connection: HookConnection,
  hooks: Readonly<Record<string, ConnectionHook | undefined>>,
): Promise<void> {
  for (const [name, hook] of Object.entries(hooks)) {
    // Nothing makes a connection ready that has ended.
    if (!hook || connection.signal.aborted) continue
    try {
      await hook(connection)
    } catch (cause) {
      throw new ResilientError('ERR_HOOK', `\`${name}\` failed; backing off.`, cause)
    }
  }
}
