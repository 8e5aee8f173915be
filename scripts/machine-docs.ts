/** `node --import tsx scripts/machine-docs.ts`: writes docs/machine.md. With `--check` it fails when the file differs. */
import { readFileSync, writeFileSync } from 'node:fs'
import { page } from './machine-docs/page.ts'

const file = new URL('../docs/machine.md', import.meta.url)
const made = page()

if (process.argv.includes('--check')) {
  const lines = read().split('\n')
  const differs = made.split('\n').findIndex((line, index) => line !== lines[index])
  if (made === read()) console.log('docs/machine.md is what the machine does.')
  else {
    console.error(`docs/machine.md differs from the machine at line ${differs + 1}: run \`npm run docs\`.`)
    console.error(
      `  there:   ${lines[differs] ?? '(no such line)'}\n  machine: ${made.split('\n')[differs] ?? '(the end)'}`,
    )
    process.exitCode = 1
  }
} else {
  writeFileSync(file, made)
  console.log('docs/machine.md written.')
}

function read(): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
