// A rolling deploy: the nodes are drained and replaced, one after the other, under many clients.
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { bundled } from '../support/bundled.ts'
import type { FleetResult, FleetSetting, FleetTold } from './fleet.ts'
import { Ledger } from './ledger.ts'
import { startWorld } from './world.ts'

export interface DeployOptions {
  readonly clients: number
  /** Over how long each node's clients spread their dials. */
  readonly spreadMs: number
  readonly seed: number
  /** How often each client says something. */
  readonly sayEveryMs: number
}

export interface DeployResult {
  readonly ledger: Ledger
  /** The most dials that began within any 100 ms, and how many may. */
  readonly most: number
  readonly bound: number
  readonly dials: number
  /** Clients that are open at the end. */
  readonly back: number
  /** Connections that were ended because their time was over before another one took over. */
  readonly late: number
  /** The most that a program which plays clients was late meanwhile: they dial together when it is. */
  readonly lateMs: number
}

/** Programs that play clients. */
const PARTS = 4
/** Clients that share a topic: each event goes to so many. */
const GROUP = 10
/** Of `drain({ withinMs })`, the dials are spread over so much. */
const SPREAD = 0.8
/** A client follows one `goaway` in 10 s. */
const BETWEEN_MS = 10_500

interface Part {
  readonly child: ChildProcess
  readonly ready: Promise<void>
  end(): Promise<FleetResult>
}

const children = new Set<ChildProcess>()
// A run that is broken off leaves nothing behind.
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

function part(program: string, setting: FleetSetting): Part {
  const child = fork(program, [JSON.stringify(setting)], { execArgv: [], stdio: 'inherit' })
  children.add(child)
  child.once('exit', () => children.delete(child))
  const failed = new Promise<never>((_, reject) => {
    child.once('exit', code => reject(new Error(`A part of the clients ended: ${code}.`)))
  })
  failed.catch(() => {})
  const told = <T extends FleetTold['t']>(t: T): Promise<FleetTold & { readonly t: T }> => {
    return new Promise(resolve =>
      child.on('message', (message: FleetTold & { readonly t: T }) => {
        if (message.t === t) resolve(message)
      }),
    )
  }
  const over = told('over')
  return {
    child,
    ready: Promise.race([told('ready').then(() => {}), failed]),
    end() {
      child.send('end', () => {})
      return Promise.race([over, failed])
    },
  }
}

export async function deploy({ clients, spreadMs, seed, sayEveryMs }: DeployOptions): Promise<DeployResult> {
  const world = await startWorld({ restarts: false })
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-fleet-'))
  const parts: Part[] = []
  try {
    const program = join(folder, 'fleet.cjs')
    const entryPoints = [fileURLToPath(new URL('fleet.ts', import.meta.url))]
    await writeFile(
      program,
      await bundled({ entryPoints, platform: 'node', format: 'cjs', mainFields: ['main', 'module'] }),
    )
    const groups = Math.ceil(clients / GROUP)
    const all = Array.from({ length: clients }, (_, index) => ({ number: index + 1, group: index % groups }))
    const common = { port: world.port, redis: world.redis.address.path ?? '', seed, sayEveryMs }
    for (let index = 0; index < PARTS; index++) {
      const own = all.filter(({ group }) => group % PARTS === index)
      parts.push(
        part(program, { ...common, clients: own.map(({ number, group }) => ({ number, topic: `group-${group}` })) }),
      )
    }
    await Promise.all(parts.map(({ ready }) => ready))

    for (const index of world.nodes.ports.keys()) {
      const next = after(BETWEEN_MS)
      await world.nodes.replace(index, spreadMs / SPREAD)
      await next
    }
    const results = await Promise.all(parts.map(each => each.end()))
    const ledger = new Ledger()
    for (const { sent, received, wrongs, violations } of results) {
      ledger.sent += sent
      ledger.received += received
      // Those beyond the first are counted as the last of them.
      for (let each = 0; each < wrongs; each++) {
        const violation = violations[each] ?? violations.at(-1)
        if (violation) ledger.wrong(violation)
      }
    }
    const sum = (of: (result: FleetResult) => number): number => results.reduce((total, each) => total + of(each), 0)
    const dials = results.flatMap(result => result.dials).sort((a, b) => a - b)
    return {
      ledger,
      dials: dials.length,
      most: mostWithin(dials, 100),
      bound: (2 * clients * 100) / spreadMs,
      late: sum(({ cut }) => cut),
      lateMs: Math.max(...results.map(result => result.lateMs)),
      back: sum(({ back }) => back),
    }
  } finally {
    for (const { child } of parts) child.kill('SIGKILL')
    await world.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The most of these sorted instants that lie within any span of so many ms. */
function mostWithin(instants: readonly number[], ms: number): number {
  let from = 0
  return instants.reduce((most, at, index) => {
    while (at - (instants[from] ?? at) >= ms) from++
    return Math.max(most, index - from + 1)
  }, 0)
}
