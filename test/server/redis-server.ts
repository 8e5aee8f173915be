// A real redis-server as a child of this process, with a folder of its own that goes when it goes.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis, type RedisOptions } from 'ioredis'

export interface RedisServer {
  /** How to reach it, also after a restart. */
  readonly address: RedisOptions
  /** A client of the test's own. */
  client(): Redis
  /** Ends it by its pid: with a word before (it saves what it is told to save), or without. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Starts it again, in the same folder, with these options for this life. */
  start(options?: readonly string[]): Promise<void>
  /** Freezes it and lets it go on: it answers nothing, and its connections stay. */
  freeze(): void
  thaw(): void
  /** Removes what it kept on disk. */
  forget(): Promise<void>
  close(): Promise<void>
}

const patienceMs = 15_000

const children = new Set<ChildProcess>()
// A test run that is broken off leaves nothing behind.
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** `REDIS_SERVER_PATH`, or where packages put it. These tests fail without it: what they show cannot be shown otherwise. */
function findRedis(): string {
  const asked = process.env.REDIS_SERVER_PATH
  const usual = ['/usr/bin/redis-server', '/usr/local/bin/redis-server', '/opt/homebrew/bin/redis-server']
  const found = (asked ? [asked] : usual).find(path => existsSync(path))
  if (found !== undefined) return found
  throw new Error(
    `Expected redis-server at ${asked ?? usual.join(', ')}. Install it (apt-get install redis-server, brew install redis), or set REDIS_SERVER_PATH.`,
  )
}

const persistence = {
  none: ['--save', '', '--appendonly', 'no'],
  everysec: ['--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec'],
  always: ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'],
}

/** Starts one on a socket in its folder, or on a port. */
export async function redisServer(
  keeps: keyof typeof persistence = 'none',
  { port = 0, more = [] }: { readonly port?: number; readonly more?: readonly string[] } = {},
): Promise<RedisServer> {
  const program = findRedis()
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-redis-'))
  const socket = join(folder, 'redis.sock')
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--unixsocket', socket, '--dir', folder]
  const clients = new Set<Redis>()
  const address = port === 0 ? { path: socket } : { host: '127.0.0.1', port }
  let child: ChildProcess | null = null

  async function start(forNow: readonly string[] = []): Promise<void> {
    const started = spawn(program, [...options, ...persistence[keeps], ...more, ...forNow], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child = started
    children.add(started)
    let said = ''
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`redis-server did not start: ${said}`)), patienceMs)
      started.stdout?.on('data', chunk => {
        said = `${said}${chunk}`.slice(-4_000)
        if (/ready to accept connections/i.test(said)) resolve()
      })
      started.once('close', () => reject(new Error(`redis-server ended: ${said}`)))
      started.once('spawn', () => {}).once('error', reject)
      started.once('close', () => clearTimeout(timer))
    })
  }

  async function stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const ending = child
    if (ending === null) return
    child = null
    ending.kill(signal)
    if (ending.exitCode === null && ending.signalCode === null) await once(ending, 'exit')
    children.delete(ending)
  }

  await start()
  return {
    address,
    client() {
      const client = new Redis({ ...address, retryStrategy: () => 50 })
      client.on('error', () => {})
      clients.add(client)
      return client
    },
    stop,
    start,
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    async forget() {
      await rm(join(folder, 'appendonlydir'), { recursive: true, force: true })
      await rm(join(folder, 'dump.rdb'), { force: true })
    },
    async close() {
      for (const client of clients) client.disconnect()
      child?.kill('SIGCONT')
      await stop('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
