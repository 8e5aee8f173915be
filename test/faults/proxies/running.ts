// A real proxy as a child of this process, on loopback, with a folder of its own that goes when it goes.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'

export interface ProxyOptions {
  /** The server behind it, on loopback. */
  readonly upstreamPort: number
  /** Seconds of silence after which it cuts a WebSocket. @defaultValue 60, as nginx itself */
  readonly idleS?: number
}

export interface RunningProxy {
  readonly port: number
  /** Has it read another configuration; resolves when that is what answers. */
  reload(configuration: Start['configuration']): Promise<void>
  /** Ends it, by its pid, and resolves when it is gone. */
  close(): Promise<void>
}

/** How to start one. */
export interface Start {
  readonly program: string
  readonly arguments: (folder: string, file: string) => readonly string[]
  /** The configuration. It must answer the path `alive` with 200: so it is known to be ours, not somebody on the same port. */
  readonly configuration: (port: number, alive: string) => string
  /** It has others work for it, and ends them when it is asked to end. @defaultValue false */
  readonly workers?: boolean
}

/** Between looking for a free port and taking it somebody else may; then another one is tried. */
const mostTries = 5
const patienceMs = 15_000
const graceMs = 5_000

/** With what ends it at once. */
const children = new Map<ChildProcess, 'SIGKILL' | 'SIGTERM'>()
// A test run that is broken off leaves nothing behind.
process.once('exit', () => {
  for (const [child, signal] of children) child.kill(signal)
})

export async function running(start: Start): Promise<RunningProxy> {
  for (let tries = 1; ; tries += 1) {
    const outcome = await attempt(start, await freePort())
    if (typeof outcome !== 'string') return outcome
    if (tries === mostTries || !/in use/i.test(outcome)) throw new Error(`${start.program} did not start: ${outcome}`)
  }
}

/** One try on one port: what runs there, or what the program complained of. */
async function attempt(start: Start, port: number): Promise<RunningProxy | string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-proxy-'))
  const file = join(folder, 'proxy.conf')
  const alive = `/${randomUUID()}`
  await writeFile(file, start.configuration(port, alive))
  const child = spawn(start.program, start.arguments(folder, file), { stdio: ['ignore', 'ignore', 'pipe'] })
  children.set(child, start.workers ? 'SIGTERM' : 'SIGKILL')
  let said = ''
  child.stderr.on('data', chunk => {
    said = `${said}${chunk}`.slice(-4_000)
  })
  // It has ended too when it could not be started.
  const ended = new Promise<void>(resolve => {
    child.once('error', error => {
      said += error.message
      resolve()
    })
    child.once('close', () => resolve())
  })
  let over = false
  ended.then(() => {
    over = true
  })
  const until = async (path: string): Promise<boolean> => {
    const deadline = performance.now() + patienceMs
    while (!over && performance.now() < deadline) {
      if (await answers(port, path)) return true
      await after(20)
    }
    return false
  }
  const reload = async (configuration: Start['configuration']): Promise<void> => {
    const other = `/${randomUUID()}`
    await writeFile(file, configuration(port, other))
    child.kill('SIGHUP')
    if (!(await until(other))) throw new Error(`${start.program} did not take its new configuration: ${said.trim()}`)
  }
  const close = async (): Promise<void> => {
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), graceMs)
    await ended
    clearTimeout(force)
    children.delete(child)
    await rm(folder, { recursive: true, force: true })
  }

  if (await until(alive)) return { port, reload, close }
  await close()
  return said.trim() || `nothing answered within ${patienceMs} ms`
}

function answers(port: number, path: string): Promise<boolean> {
  return new Promise(resolve => {
    const request = get({ host: '127.0.0.1', port, path, agent: false, timeout: 1_000 }, response => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(false))
  })
}

/** A port on loopback where nothing listens now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('Expected a TCP address.')
  return address.port
}
