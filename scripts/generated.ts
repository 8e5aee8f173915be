/** Documents that are made from the code. */
import { readFileSync, writeFileSync } from 'node:fs'

function read(file: URL): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** A document written by hand, with what stands between `<!-- name:begin -->` and `<!-- name:end -->` made anew. */
export function filled(path: string, blocks: Readonly<Record<string, string>>): string {
  const used = new Set<string>()
  const text = read(new URL(`../${path}`, import.meta.url)).replaceAll(
    /(<!-- ([\w-]+):begin -->\n).*?(\n<!-- \2:end -->)/gs,
    (_, begin: string, name: string, end: string) => {
      used.add(name)
      const block = blocks[name]
      if (block === undefined) throw new Error(`${path} has a block ${name}, which nothing makes.`)
      return `${begin}${block}${end}`
    },
  )
  const unused = Object.keys(blocks).filter(name => !used.has(name))
  if (unused.length) throw new Error(`${path} has no block ${unused.join(', ')}.`)
  return text
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
