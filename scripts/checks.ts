import { spawn } from 'node:child_process'

/** A command that must succeed. */
export interface Check {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  readonly env?: Readonly<Record<string, string>>
}

interface Outcome {
  readonly passed: boolean
  readonly row: string
  /** What it printed. */
  readonly output: string
}

/** Of a check that failed, so many lines are shown again at the end, where somebody who was sent the end alone sees them. */
const SHOWN_LINES = 60

/** `held`: what it prints is shown when it has ended. */
function run({ name, command: [program, ...args], env }: Check, held: boolean): Promise<Outcome> {
  const began = performance.now()
  return new Promise(resolve => {
    const output: string[] = []
    const hear = (chunk: unknown): void => {
      output.push(`${chunk}`)
      if (!held) process.stdout.write(`${chunk}`)
    }
    const settle = (passed: boolean): void => {
      const seconds = ((performance.now() - began) / 1_000).toFixed(1).padStart(6)
      resolve({ passed, row: `${passed ? 'ok    ' : 'FAILED'} ${seconds} s  ${name}`, output: output.join('') })
    }
    const colours = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}
    const stdio = ['ignore', 'pipe', 'pipe'] as const
    const child = spawn(program, args, { stdio: [...stdio], env: { ...process.env, ...colours, ...env } })
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.on('error', () => settle(false))
    child.on('close', code => settle(code === 0))
  })
}

/**
 * Runs the checks, all of them, and says at the end which failed. The process fails when one did. One after the other;
 * those of a list within the list, which each take one core and no notice of the others, side by side.
 */
export async function runChecks(title: string, checks: readonly (Check | readonly Check[])[]): Promise<void> {
  const count = checks.flat().length
  const outcomes: Outcome[] = []
  for (const step of checks) {
    const group = [step].flat()
    for (const { name } of group) {
      console.log(
        `\n── ${title} ${outcomes.length + group.findIndex(each => each.name === name) + 1}/${count}: ${name}`,
      )
    }
    const ended = await Promise.all(group.map(check => run(check, group.length > 1)))
    if (group.length > 1) for (const { output } of ended) process.stdout.write(output)
    outcomes.push(...ended)
  }
  const broken = outcomes.filter(({ passed }) => !passed)
  for (const { row, output } of broken) {
    console.log(
      `\n── ${row}: the end of what it printed\n${output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n')}`,
    )
  }
  const failed = broken.length
  console.log(`\n${outcomes.map(({ row }) => row).join('\n')}\n\n${count - failed} passed, ${failed} failed`)
  if (failed) process.exitCode = 1
}
