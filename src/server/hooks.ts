import type { Alarms } from './alarms.ts'

/** A hook of the app did not settle in time. */
export class HookTimeout extends Error {
  override readonly name: string = 'HookTimeout'
}

/** Where a hook runs: until when, and for whom. */
export interface Scope {
  readonly alarms: Alarms
  /** Aborted when the connection is gone. */
  readonly gone: AbortSignal
}

function later<T>(answer: T | Promise<T>): answer is Promise<T> {
  return typeof answer === 'object' && answer !== null && 'then' in answer && typeof answer.then === 'function'
}

/**
 * Calls a hook, and waits at most `ms` for it. `signal()` makes the signal when somebody asks for it: a hook that
 * answers at once costs neither a signal nor a timer. Rejects with {@link HookTimeout}, or with what the hook throws.
 */
export async function called<T>(
  { alarms, gone }: Scope,
  ms: number,
  hook: (signal: () => AbortSignal) => T | Promise<T>,
): Promise<T> {
  let controller: AbortController | undefined
  const abort = (): void => controller?.abort()
  const answer = hook(() => {
    if (!controller) {
      controller = new AbortController()
      if (gone.aborted) controller.abort()
      else gone.addEventListener('abort', abort)
    }
    return controller.signal
  })
  if (!later(answer)) {
    gone.removeEventListener('abort', abort)
    return answer
  }
  let undo = (): void => {}
  try {
    const late = new Promise<never>((_, reject) => {
      undo = alarms.set(ms, () => {
        abort()
        reject(new HookTimeout(`No answer within ${ms} ms.`))
      })
    })
    return await Promise.race([answer, late])
  } finally {
    undo()
    gone.removeEventListener('abort', abort)
  }
}
