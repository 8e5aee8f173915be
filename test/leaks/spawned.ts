import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { bundled } from '../support/bundled.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

/**
 * What the optimizing compiler keeps comes and goes by more than what may leak, and so does code that was not run for
 * a while. Without them the same lives end in the same heap to 30 kB.
 */
const FLAGS = ['--expose-gc', '--no-opt', '--always-sparkplug', '--no-flush-bytecode']

function isListOfText(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(each => typeof each === 'string')
}

/** Runs a module of this folder in a process of its own, which is given `plan` and answers with a list. */
export async function spawned(module: string, plan: object): Promise<readonly string[]> {
  const script = await bundled({
    entryPoints: [here + module],
    platform: 'node',
    format: 'cjs',
    external: ['bufferutil', 'utf-8-validate'],
  })
  const child = spawn(process.execPath, [...FLAGS, '-', JSON.stringify(plan)], {
    stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
  })
  child.stdin?.end(script)
  return new Promise((resolve, reject) => {
    child.on('message', answer => {
      if (isListOfText(answer)) resolve(answer)
    })
    child.on('error', reject)
    child.on('exit', code => reject(new Error(`It ended with ${code} and no answer.`)))
  })
}
