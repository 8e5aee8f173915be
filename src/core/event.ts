import type { Origin } from './disconnect.ts'

/** What the page, the clock or the network says. */
export type Signal = 'online' | 'offline' | 'visible' | 'hidden' | 'frozen' | 'resumed' | 'woke' | 'network-changed'

/** Everything that can happen to the machine: plain data. `number` names the connection that reports. */
export type MachineEvent =
  /** The constructor: dial in this very step. */
  | { readonly type: 'start' }
  | { readonly type: 'tick' }
  /** What the dial needs is there. `expiresAt`: wall-clock expiry of the credential, `null` when unknown or without one. */
  | { readonly type: 'authorized'; readonly number: number; readonly expiresAt: number | null }
  /** The transport is up. */
  | { readonly type: 'connected'; readonly number: number }
  /** Greeting is done: the connection may carry the app's traffic. */
  | { readonly type: 'ready'; readonly number: number }
  | {
      readonly type: 'ended'
      readonly number: number
      readonly code: number
      readonly reason: string
      readonly wasClean: boolean
      /** Where the reporter knows better than the machine who ended it. */
      readonly origin?: Origin
    }
  /** The app's `close(code, reason)`. */
  | { readonly type: 'close'; readonly code?: number | undefined; readonly reason?: string | undefined }
  /** The app's `reconnect()`: drop what there is and dial. */
  | { readonly type: 'reconnect' }
  /** The app's `retryNow()`: do not wait any longer. */
  | { readonly type: 'retry-now' }
  | { readonly type: 'signal'; readonly signal: Signal }
  /** The serving connection should be replaced (replace), or a better transport tried (promote). */
  | { readonly type: 'handover'; readonly purpose: 'replace' | 'promote' }
  /** A fresh credential arrived outside of a dial. */
  | { readonly type: 'renewed'; readonly expiresAt: number | null }

/** Time and chance, as plain values. */
export interface Instant {
  /** Monotonic ms. */
  readonly now: number
  /** Epoch ms. */
  readonly wall: number
  /** Uniform in [0, 1). */
  readonly roll: number
}
