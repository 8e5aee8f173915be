/** What is used of `ioredis`, as a shape: whoever keeps its log in memory needs neither the package nor its types. */

/** One connection, or one cluster of them. */
export interface RedisConnection {
  readonly status: string
  /** Replies are buffers, so that bytes stay bytes. */
  callBuffer(command: string, args: (string | Buffer | number)[]): Promise<unknown>
  connect(): Promise<void>
  disconnect(reconnect?: boolean): void
  on(event: string, listener: (...args: readonly unknown[]) => void): unknown
}

/** A `Redis` of `ioredis`. */
export interface RedisSingle {
  readonly options: { readonly keyPrefix?: string | undefined }
  duplicate(options: object): RedisConnection
}

/** A `Cluster` of `ioredis`. */
export interface RedisCluster {
  readonly options: { readonly keyPrefix?: string | undefined }
  nodes(): unknown
  duplicate(nodes: undefined, options: object): RedisConnection
}

/** A client of `ioredis`: a `Redis` (sentinels included) or a `Cluster`. */
export type RedisClient = RedisSingle | RedisCluster

export function isCluster(client: RedisClient): client is RedisCluster {
  return 'nodes' in client
}

/** Reconnecting, in ms: 50, 100, 200, 400, and from then on up to 500, each less up to half of it by chance. */
function retryInMs(attempt: number): number {
  return Math.min(50 * 2 ** (attempt - 1), 500) * (1 - Math.random() / 2)
}

/** Between two looks at whether Redis has loaded what it kept. */
const LOADING_MS = 250

/**
 * A connection of our own, to where the app's client is connected. Nothing waits in it for a better time, and nothing is
 * sent twice by it: what cannot be sent fails, and what was sent when the connection ended fails too. A command that is
 * not answered within `deadlineMs` fails, the handshake included.
 */
export function ownConnection(client: RedisClient, deadlineMs: number): RedisConnection {
  const queues = { enableOfflineQueue: false, lazyConnect: false, keyPrefix: '' }
  const each = {
    connectTimeout: deadlineMs,
    // A Redis that loads what it kept is asked again soon, and not when it guesses to be ready: up to 10 s later an
    // instance that could bear witness came too late.
    maxLoadingRetryTime: LOADING_MS,
    commandTimeout: deadlineMs,
    disconnectTimeout: 200,
    // Without it a command that was under way when the connection ended is never told so.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    monitor: false,
  }
  const connection = isCluster(client)
    ? client.duplicate(undefined, {
        ...queues,
        scaleReads: 'master',
        clusterRetryStrategy: retryInMs,
        redisOptions: each,
      })
    : client.duplicate({ ...queues, ...each, autoResubscribe: false, readOnly: false, retryStrategy: retryInMs })
  // Told in what fails because of it; unheard, it would be printed.
  connection.on('error', () => {})
  return connection
}

/** A connection that is asked to end does so within `disconnectTimeout`; a cluster may not say so. */
const ENDED_MS = 1_000

/** Ends a connection of ours, and resolves when it has ended. */
export function ended(connection: RedisConnection): Promise<void> {
  return new Promise(resolve => {
    // Between two connections there is none that could end, and nobody says so.
    if (connection.status === 'end' || connection.status === 'reconnecting') resolve()
    else {
      const timer = setTimeout(resolve, ENDED_MS)
      connection.on('end', () => {
        clearTimeout(timer)
        resolve()
      })
    }
    connection.disconnect()
  })
}
