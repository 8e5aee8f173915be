// Everything behind the clients of the soak: a Redis, the nodes that share it, and nginx in front, which sends each
// handshake to another one.

import { startNginx } from '../faults/proxies/nginx.ts'
import type { RunningProxy } from '../faults/proxies/running.ts'
import { type RedisServer, redisServer } from '../server/redis-server.ts'
import { type Nodes, startNodes } from './nodes.ts'

export interface World {
  readonly redis: RedisServer
  readonly nodes: Nodes
  /** Of nginx. */
  readonly port: number
  close(): Promise<void>
}

export interface WorldOptions {
  /** Events that a topic keeps. @defaultValue 1000000, so that nothing is beyond it */
  readonly maxEvents?: number
  /** Redis is to be restarted: whatever was acknowledged has to be on the disk, which costs a write of the disk per message. @defaultValue true */
  readonly restarts?: boolean
}

const COUNT = 2
/** The least that the protocol allows: what dies in silence is found soonest. */
const HEARTBEAT_MS = 5_000

export async function startWorld({ maxEvents = 1_000_000, restarts = true }: WorldOptions = {}): Promise<World> {
  // Whatever was acknowledged is on the disk: only then can a restart lose nothing.
  // Rewritten often, so that it is loaded in a moment: it is restarted dozens of times.
  const redis = await redisServer(restarts ? 'always' : 'none', { more: ['--auto-aof-rewrite-min-size', '4mb'] })
  const path = redis.address.path ?? ''
  const nodes = await startNodes(COUNT, { redis: path, maxEvents, heartbeatMs: HEARTBEAT_MS })
  const nginx: RunningProxy = await startNginx(
    (port, alive) => `
  upstream nodes {
    ${nodes.ports.map(each => `server 127.0.0.1:${each} max_fails=0;`).join('\n    ')}
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = ${alive} { return 200; }
    location / {
      proxy_pass http://nodes;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_connect_timeout 2s;
    }
  }`,
  )
  return {
    redis,
    nodes,
    port: nginx.port,
    async close() {
      await nginx.close()
      await nodes.close()
      await redis.close()
    },
  }
}
