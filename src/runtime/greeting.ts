import { ResilientError } from '../core/resilient-error.ts'
import type { ConnectionHook, HookConnection } from './link.ts'

/** What makes a connection ready for the app, in order, each with the name of its option. */
type Greeting = readonly (readonly [name: string, hook: ConnectionHook])[]

export function greetingOf(beforeOpen: ConnectionHook | undefined, since: ConnectionHook | undefined): Greeting {
  const first: Greeting = beforeOpen ? [['beforeOpen', beforeOpen]] : []
  return since ? [...first, ['resume.since', since]] : first
}

/** Runs one hook after the other; the result is what went wrong. */
export async function greet(connection: HookConnection, greeting: Greeting): Promise<ResilientError | undefined> {
  for (const [name, hook] of greeting) {
    // Nothing makes a connection ready that has ended.
    if (connection.signal.aborted) break
    try {
      await hook(connection)
    } catch (cause) {
      return new ResilientError('ERR_HOOK', `\`${name}\` failed; backing off.`, cause)
    }
  }
  return undefined
}
