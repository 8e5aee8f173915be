/** `holdfast/polling`: long polling, where nothing else gets through. */
export { type PollingOptions, polling } from '../transports/polling.ts'
