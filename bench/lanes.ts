import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import type { Reading } from './lanes/lane.ts'

/** A process of its own for one subject, so that no library meets code that another one has warmed up or spoiled. */
export interface Lane {
  measure(): Promise<Reading>
  /** Puts it to sleep, or wakes it up. */
  sleeps(asleep: boolean): void
  stop(): void
}

function isReading(value: unknown): value is Reading {
  return typeof value === 'object' && value !== null && Object.values(value).every(n => typeof n === 'number')
}

function answer(child: ChildProcess): Promise<Reading> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      child.off('message', hear).off('exit', gone)
      act()
    }
    const hear = (message: unknown): void => {
      if (typeof message === 'object' && message && 'reading' in message && isReading(message.reading)) {
        const { reading } = message
        settle(() => resolve(reading))
      } else {
        settle(() => reject(new Error(`A lane failed: ${JSON.stringify(message)}`)))
      }
    }
    const gone = (code: number | null, signal: string | null): void =>
      settle(() => reject(new Error(`A lane ended early, with ${signal ?? code}: ${child.spawnargs.at(-1)}.`)))
    child.on('message', hear).on('exit', gone)
  })
}

/** Puts a command on one core, where the system can. Two cores are rarely equally fast: each may share its hardware with a stranger. */
const onOneCore = ['-c', `${availableParallelism() - 1}`]
const taskset = spawnSync('taskset', [...onOneCore, 'true']).status === 0

interface LaneOptions {
  readonly args?: readonly string[]
  readonly flags?: readonly string[]
  /** For CPU: all lanes on the same core, since only one of them works at a time. */
  readonly pinned?: boolean
}

/** Starts a process and waits until it listens. */
export async function startLane(
  module: string,
  { args = [], flags = [], pinned = false }: LaneOptions = {},
): Promise<Lane> {
  const child =
    pinned && taskset
      ? fork(module, [...args], { execPath: 'taskset', execArgv: [...onOneCore, process.execPath, ...flags] })
      : // JSON has no Infinity.
        fork(module, [...args], { execArgv: [...flags], serialization: 'advanced' })
  await answer(child)
  return {
    measure() {
      const reading = answer(child)
      child.send('measure')
      return reading
    },
    sleeps(asleep) {
      child.kill(asleep ? 'SIGSTOP' : 'SIGCONT')
    },
    stop() {
      child.removeAllListeners()
      child.kill()
    },
  }
}
