export type { Retry } from '../session/frames.ts'
export type { Clock } from './clock.ts'
export type { DrainOptions } from './drain.ts'
export type { LimitOptions, Rate, RateOptions } from './limits.ts'
export type { Addition, Appended, Body, Follower, Head, Log, Stored } from './log.ts'
export { LogUnavailable } from './log.ts'
export type { MemoryLogOptions } from './memory-log.ts'
export { memoryLog } from './memory-log.ts'
export type {
  Authenticated,
  Client,
  Credentials,
  Denied,
  Message,
  Replacement,
  SchemaOptions,
  SessionServerOptions,
  Wish,
} from './options.ts'
export type { EndedBy, RecordPlace, ServerRecord } from './records.ts'
export { LogCorrupt } from './redis-answer.ts'
export type { RedisClient, RedisCluster, RedisConnection, RedisSingle } from './redis-client.ts'
export type { RedisLogOptions } from './redis-log.ts'
export { redisLog } from './redis-log.ts'
export type { RefusedOptions } from './refused.ts'
export { Refused } from './refused.ts'
export type { Published, SessionServer } from './session-server.ts'
export { sessionServer } from './session-server.ts'
export type { Transport } from './wire.ts'
