// The server nodes of the soak: programs of their own, which can be killed, and replaced on their port.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../faults/proxies/running.ts'
import { bundled } from '../support/bundled.ts'
import { isOf, type NodeSetting, type Order, type Told } from './orders.ts'

export interface Nodes {
  readonly ports: readonly number[]
  /** Which node holds that connection; `undefined` for none. */
  nodeOf(conn: string): number | undefined
  /** What the nodes said of that connection. */
  said(conn: string): readonly string[]
  /** Ends a connection with a close frame of that code. */
  cut(conn: string, client: string, code: number): void
  /** kill -9, and another one in its place. */
  kill(index: number): Promise<void>
  /** Another one takes the port, then this one is drained. Resolves when it has ended. */
  replace(index: number, withinMs: number): Promise<void>
  close(): Promise<void>
}

/** Connections whose lines are kept. */
const MOST_LINES = 20_000

interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<unknown>
  tell(order: Order): void
  /** Resolves when it has said so. */
  hears(t: Told['t']): Promise<void>
}

const children = new Set<ChildProcess>()
// A run that is broken off leaves nothing behind.
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

export async function startNodes(count: number, setting: Omit<NodeSetting, 'port'>): Promise<Nodes> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-nodes-'))
  const program = join(folder, 'node.cjs')
  // In one piece it starts in a fraction of the time.
  const entryPoints = [fileURLToPath(new URL('node.ts', import.meta.url))]
  await writeFile(
    program,
    await bundled({ entryPoints, platform: 'node', format: 'cjs', mainFields: ['main', 'module'] }),
  )

  const holders = new Map<string, { readonly index: number; readonly child: ChildProcess }>()
  const lines = new Map<string, string[]>()

  function note(conn: string, line: string): void {
    lines.set(conn, [...(lines.get(conn) ?? []), line])
    if (lines.size > MOST_LINES) for (const oldest of lines.keys()) return void lines.delete(oldest)
  }

  function start(index: number, port: number): Running {
    const child = fork(program, [JSON.stringify({ ...setting, port })], { execArgv: [], stdio: 'inherit' })
    children.add(child)
    const ended = once(child, 'exit').then(() => {
      children.delete(child)
      for (const [conn, holder] of holders) if (holder.child === child) holders.delete(conn)
    })
    const waiting = new Map<Told['t'], () => void>()
    child.on('message', told => {
      if (!isOf<Told>(told)) return
      waiting.get(told.t)?.()
      if (told.t === 'opened') holders.set(told.conn, { index, child })
      if (told.t === 'closed') holders.delete(told.conn)
      if (told.t === 'opened' || told.t === 'closed') note(told.conn, `node ${index}, ${child.pid}: ${told.line}`)
    })
    return {
      child,
      ended,
      tell: order => void child.send(order, () => {}),
      hears: t =>
        new Promise((resolve, reject) => {
          waiting.set(t, resolve)
          ended.then(() => reject(new Error(`Node ${index} ended before it was ${t}.`)))
        }),
    }
  }

  async function started(index: number, port: number): Promise<Running> {
    const running = start(index, port)
    await running.hears('listening')
    return running
  }

  const ports: number[] = []
  for (let index = 0; index < count; index++) ports.push(await freePort())
  const all = await Promise.all(ports.map((port, index) => started(index, port)))
  const at = (index: number): readonly [Running, number] => {
    const [running, port] = [all[index], ports[index]]
    if (!running || port === undefined) throw new Error(`Expected a node ${index}.`)
    return [running, port]
  }

  return {
    ports,
    nodeOf: conn => holders.get(conn)?.index,
    said: conn => lines.get(conn) ?? [],
    cut(conn, client, code) {
      const holder = holders.get(conn)
      all.find(({ child }) => child === holder?.child)?.tell({ t: 'cut', client, code })
    },
    async kill(index) {
      const [running, port] = at(index)
      running.child.kill('SIGKILL')
      await running.ended
      all[index] = await started(index, port)
    },
    async replace(index, withinMs) {
      const [running, port] = at(index)
      const left = running.hears('left')
      running.tell({ t: 'leave', withinMs })
      await left
      all[index] = await started(index, port)
      await running.ended
    },
    async close() {
      for (const { child } of all) child.kill('SIGKILL')
      await Promise.all(all.map(({ ended }) => ended))
      await rm(folder, { recursive: true, force: true })
    },
  }
}
