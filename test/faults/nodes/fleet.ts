// Two instances of a server behind nginx without stickiness, and one Redis that they share: all of them real.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type RedisServer, redisServer } from '../../server/redis-server.ts'
import { bundled } from '../../support/bundled.ts'
import { documented } from '../proxies/documented.ts'
import { freePort } from '../proxies/running.ts'

const program = fileURLToPath(new URL('node.ts', import.meta.url))

export interface Node {
  readonly name: string
  /** Ends it without a word. */
  kill(): Promise<void>
  start(): Promise<void>
}

export interface Fleet {
  /** Of nginx: which node answers is its choice, each time anew. */
  readonly url: string
  readonly nodes: readonly [Node, Node]
  readonly redis: RedisServer
  close(): Promise<void>
}

async function startNode(script: string, name: string, port: number, redis: RedisServer): Promise<Node> {
  let child: ChildProcess | null = null
  const node: Node = {
    name,
    async kill() {
      const ending = child
      child = null
      if (ending?.kill('SIGKILL')) await once(ending, 'exit')
    },
    async start() {
      const options = JSON.stringify({ port, name, socket: redis.address.path })
      const started = spawn(process.execPath, ['--input-type=module', '-', options], {
        stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
      })
      child = started
      started.stdin?.end(script)
      const ended = once(started, 'exit').then(([code]) => {
        if (child === started) throw new Error(`The node ${name} ended with ${code}.`)
      })
      await Promise.race([once(started, 'message'), ended])
      ended.catch(() => {})
    },
  }
  await node.start()
  return node
}

export async function fleet(): Promise<Fleet> {
  const redis = await redisServer('everysec')
  const ports = [await freePort(), await freePort()] as const
  // In one piece it starts in a fraction of the time.
  const script = await bundled({ entryPoints: [program], format: 'esm', platform: 'node', packages: 'external' })
  const nodes = await Promise.all([
    startNode(script, 'north', ports[0], redis),
    startNode(script, 'south', ports[1], redis),
  ])
  const nginx = await documented.nginx(ports)
  return {
    url: `ws://127.0.0.1:${nginx.port}/`,
    nodes,
    redis,
    async close() {
      await Promise.all([...nodes.map(node => node.kill()), nginx.close()])
      await redis.close()
    },
  }
}
