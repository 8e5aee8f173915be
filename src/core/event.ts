import type { Origin } from './disconnect.ts'

/** What is known of the traffic of the serving connection: the driver tells it with what needs it. */
export interface Vitals {
  /** Everything heard on it, answers to pings included. */
  readonly received: number
  /** What of it was the app's. */
  readonly messages: number
  /** When something was last heard, by the wall clock's measure of the silence since; monotonic ms. */
  readonly heardAt: number
  /** Since when an answer is awaited (a pending `receive()`); `null` when none is. */
  readonly awaitedAt: number | null
  /** The last measured round trip in ms; `null` before the first. */
  readonly roundTripMs: number | null
  /** Bytes that wait to be written. */
  readonly buffered: number
}

/** What the page, the clock or the network says. */
export type Signal = 'online' | 'offline' | 'visible' | 'hidden' | 'frozen' | 'resumed' | 'woke' | 'network-changed'

/** Why a transport is given up for the next one. */
export type FallBackReason =
  /** It never got through on this network, and the same server answers over HTTP. */
  | 'blocked'
  /** It failed again and again, and not by a word of the server. */
  | 'failing'
  /** The server says that it is not offered. */
  | 'not-offered'
  /** Something on the way holds back what is sent. */
  | 'buffered'
  /** The last one failed too: on to the preferred one again, in its own time. */
  | 'exhausted'

/** Everything that can happen to the machine: plain data. `number` names the connection that reports. */
export type MachineEvent =
  /** The constructor: dial in this very step. `transport`: the one to begin with, where it is known that those before it do not get through. */
  | { readonly type: 'start'; readonly transport?: number }
  /** `traffic`: messages in and out of the serving connection, -1 while bytes wait to be written; told while it waits for a quiet moment. */
  | {
      readonly type: 'tick'
      readonly traffic?: number
      /** How late the timer was, in ms. */
      readonly lateMs?: number
      readonly vitals?: Vitals
    }
  /** What the dial needs is there. `expiresAt`: wall-clock expiry of the credential fetched for it, `null` when unknown; absent when none had to be fetched. `same`: it is the one that there was. */
  | {
      readonly type: 'authorized'
      readonly number: number
      readonly expiresAt?: number | null
      readonly same?: boolean
    }
  /** The transport is up. */
  | { readonly type: 'connected'; readonly number: number }
  /** Greeting is done: the connection may carry the app's traffic. `transport`: the one that was first, where two were tried side by side. */
  | { readonly type: 'ready'; readonly number: number; readonly transport?: number }
  | {
      readonly type: 'ended'
      readonly number: number
      readonly code: number
      readonly reason: string
      readonly wasClean: boolean
      /** Where the reporter knows better than the machine who ended it. */
      readonly origin?: Origin
      /** The provider answered with the very credential that was refused: it counts as refused again, without a dial. */
      readonly refused?: boolean
      /** How long nothing had been heard on it, in ms; absent when it was not open. */
      readonly silentMs?: number
    }
  /** On the serving connection: traffic begins, an answer is awaited, or something was heard after waking up. */
  | { readonly type: 'stirred'; readonly number: number; readonly vitals?: Vitals }
  /** The ping could not be made: nothing was asked, so no answer is missing. */
  | { readonly type: 'not-pinged'; readonly number: number; readonly vitals?: Vitals }
  /** The app's `close(code, reason)`. */
  | { readonly type: 'close'; readonly code?: number | undefined; readonly reason?: string | undefined }
  /** The app's `reconnect()`: drop what there is and dial. */
  | { readonly type: 'reconnect' }
  /** The app's `retryNow()`: do not wait any longer. */
  | { readonly type: 'retry-now' }
  /** `sleptMs`: with `woke`, how long the machine slept. */
  | { readonly type: 'signal'; readonly signal: Signal; readonly sleptMs?: number; readonly vitals?: Vitals }
  /** The serving connection should be replaced (replace), or a better transport tried (promote). `transport`: which; the preferred one unless said. */
  | { readonly type: 'handover'; readonly purpose: 'replace' | 'promote'; readonly transport?: number }
  /** The transport of the next dial does not get through, and that one may: it is dialled at once, unless it is a better one. `to`: its name. */
  | { readonly type: 'fall-back'; readonly transport: number; readonly to: string; readonly why: FallBackReason }
  /** The app's `refreshAuth()`: the credential is not the right one any more. */
  | { readonly type: 'renew' }
  /** A fresh credential arrived outside of a dial. `changed`: of another identity. `same`: it is the one that there was. */
  | {
      readonly type: 'renewed'
      readonly expiresAt: number | null
      readonly changed?: boolean
      readonly same?: boolean
    }
  /** It could not be fetched. */
  | { readonly type: 'not-renewed' }
  /** The provider says that nobody is signed in. */
  | { readonly type: 'signed-out' }

/** Time and chance, as plain values. */
export interface Instant {
  /** Monotonic ms. */
  readonly now: number
  /** Epoch ms. */
  readonly wall: number
  /** Uniform in [0, 1). */
  readonly roll: number
}
