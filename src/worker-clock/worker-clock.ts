import { ResilientError } from '../core/resilient-error.ts'
import { type Clock, systemClock } from '../runtime/clock.ts'
import { workerSource } from './source.ts'

/** Where the worker comes from, and who hears that there is none. */
export interface WorkerClockOptions {
  /**
   * The address of a file that serves the worker's few lines (`holdfast/worker-clock/worker`), or a function that makes
   * the worker. Used once, when the first timer is set.
   *
   * @defaultValue a worker from a Blob, which a Content-Security-Policy has to allow: `worker-src blob:`
   */
  readonly worker?: string | URL | (() => Worker)
  /** Called at most once, with `ERR_WORKER`, when the worker cannot be had or fails: `setTimeout` keeps time alone from then on. One that throws is reported by the platform as an unhandled rejection. */
  readonly onFallback?: (error: ResilientError) => void
}

/** A clock that is kept by a worker. One serves all sockets of a page. */
export interface WorkerClock extends Clock {
  /** Ends the worker for good. Timers that are still set belong to their sockets: `setTimeout` goes on with them. */
  close(): void
}

/** setTimeout fires at once beyond this [HTML timer initialization steps: a signed 32-bit long]. */
const LONGEST_MS = 2 ** 31 - 1

const { now, schedule } = systemClock

/**
 * Keeps time in a dedicated worker, where the timers of a hidden page are not throttled. `setTimeout` runs beside it, and
 * the first of the two counts: whatever becomes of the worker, no timer is later than without it. Throws nothing: where
 * there is no worker to be had (server-side rendering, Node, a strict policy), it is the platform's clock.
 */
export function workerClock(options: WorkerClockOptions = {}): WorkerClock {
  const { worker: given, onFallback } = options
  const timers = new Map<number, () => void>()
  let last = 0
  let started = false
  let worker: Worker | undefined
  let blob: string | undefined

  function revoke(): void {
    if (blob) URL.revokeObjectURL(blob)
    blob = undefined
  }

  function end(): void {
    started = true
    worker?.terminate()
    worker = undefined
    revoke()
  }

  function fail(cause: unknown): void {
    end()
    const message = 'No worker: `setTimeout` keeps time. Allow `worker-src blob:`, or give `worker` a file of yours.'
    // Later, so that a handler that throws is reported and stops nothing.
    Promise.resolve(new ResilientError('ERR_WORKER', message, cause)).then(onFallback)
  }

  function start(): void {
    started = true
    try {
      if (typeof given === 'function') worker = given()
      else {
        if (!given) blob = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }))
        worker = new Worker(given ?? blob ?? '')
      }
      worker.onmessage = ({ data }) => {
        // It runs, so its source has been read.
        revoke()
        timers.get(data)?.()
      }
      // A policy that forbids the worker says so here, and does not throw.
      worker.onerror = event => {
        if (worker) fail(event)
      }
    } catch (cause) {
      fail(cause)
    }
  }

  return {
    ...systemClock,
    schedule(at, fn) {
      if (!started) start()
      const id = ++last
      let undo = (): void => {}
      const stop = (): void => {
        undo()
        timers.delete(id)
      }
      const arm = (): void => {
        undo = schedule(at, fire)
        worker?.postMessage([id, Math.min(Math.max(0, Math.ceil(at - now())), LONGEST_MS)])
      }
      const fire = (): void => {
        undo()
        // Farther away than one timer reaches.
        if (at - now() > 1) arm()
        else {
          stop()
          fn()
        }
      }
      timers.set(id, fire)
      arm()
      return () => {
        if (timers.has(id)) worker?.postMessage([id])
        stop()
      }
    },
    close: end,
  }
}
