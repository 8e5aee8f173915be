import { spawn } from 'node:child_process'
import { ROOT } from './documents.ts'

/** What a program said, and whether it was content. */
export interface Said {
  readonly ok: boolean
  readonly text: string
}

/** Runs a program of node_modules. */
export function command(...args: readonly string[]): Promise<Said> {
  return new Promise(resolve => {
    const child = spawn('npx', args, {
      cwd: ROOT,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    const hear = (chunk: Buffer): void => {
      text += chunk
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('error', error => resolve({ ok: false, text: error.message }))
    child.on('close', code => resolve({ ok: code === 0, text }))
  })
}
