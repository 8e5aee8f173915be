import type { ConnectionHook } from '../../src/index.ts'
import { type Setting, type Story, story } from './story.ts'

/** A promise that a test settles by hand. */
export interface Deferred<T = void> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (cause: unknown) => void
}

export function deferred<T = void>(): Deferred<T> {
  let resolve: (value: T) => void = () => {}
  let reject: (cause: unknown) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

/** The code of what a promise rejects with; `undefined` when it resolves. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
  return undefined
}

/** A story with that hook. */
export function hooked(beforeOpen: ConnectionHook, { options, ...setting }: Setting = {}): Story {
  return story({ ...setting, options: { ...options, beforeOpen } })
}

/** What a call throws; `undefined` when it does not. */
export function thrownBy(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  return undefined
}
