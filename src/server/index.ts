export type { Appended, Body, Follower, Head, Log, Stored } from './log.ts'
export { LogUnavailable } from './log.ts'
