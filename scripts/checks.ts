import { spawn } from 'node:child_process'

/** A command that must succeed. */
export interface Check {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  readonly env?: Readonly<Record<string, string>>
}

function run({ command: [program, ...args], env }: Check): Promise<boolean> {
  return new Promise(resolve => {
    const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env } })
    child.on('error', () => resolve(false))
    child.on('exit', code => resolve(code === 0))
  })
}

/** Runs the checks one after the other, all of them, and says at the end which failed. The process fails when one did. */
export async function runChecks(title: string, checks: readonly Check[]): Promise<void> {
  const rows: string[] = []
  let failed = 0
  for (const [index, check] of checks.entries()) {
    console.log(`\n── ${title} ${index + 1}/${checks.length}: ${check.name}`)
    const began = performance.now()
    const passed = await run(check)
    if (!passed) failed++
    rows.push(
      `${passed ? 'ok    ' : 'FAILED'} ${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${check.name}`,
    )
  }
  console.log(`\n${rows.join('\n')}\n\n${checks.length - failed} passed, ${failed} failed`)
  if (failed) process.exitCode = 1
}
