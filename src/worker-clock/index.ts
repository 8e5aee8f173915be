/** `holdfast/worker-clock`: a clock that keeps time in hidden tabs. */
export { workerSource } from './source.ts'
export { type WorkerClock, type WorkerClockOptions, workerClock } from './worker-clock.ts'
