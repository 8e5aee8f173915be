/** Documents that are made from the code. */
import { readFileSync, writeFileSync } from 'node:fs'

function read(file: URL): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** Writes a document. With `--check` on the command line it compares instead: the first line that differs fails it. */
export function writeOrCheck(path: string, made: string): void {
  const file = new URL(`../${path}`, import.meta.url)
  if (!process.argv.includes('--check')) {
    writeFileSync(file, made)
    console.log(`${path} written.`)
    return
  }
  const there = read(file)
  if (there === made) {
    console.log(`${path} says what the code does.`)
    return
  }
  const lines = there.split('\n')
  const wanted = made.split('\n')
  const differs = Array.from({ length: Math.max(lines.length, wanted.length) }).findIndex(
    (_, index) => lines[index] !== wanted[index],
  )
  console.error(`${path} differs from the code at line ${differs + 1}: run \`npm run docs\`.`)
  console.error(`  there: ${lines[differs] ?? '(the end)'}\n  code:  ${wanted[differs] ?? '(the end)'}`)
  process.exitCode = 1
}
