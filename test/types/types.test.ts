import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const EXPECTED = '@ts-expect-error'

const { config } = ts.readConfigFile(`${HERE}../../tsconfig.json`, ts.sys.readFile)
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, `${HERE}../..`)
const names = readdirSync(HERE).filter(name => /\.(ok|fails)\.ts$/.test(name))
const textOf = (name: string): string => readFileSync(HERE + name, 'utf8')

/** What the compiler says of the files here, by file and line. `blind`: with every expectation taken out. */
function complaints(blind: boolean): ReadonlyMap<string, ReadonlySet<number>> {
  const host = ts.createCompilerHost(options)
  const { readFile } = host
  host.readFile = path => {
    const text = readFile.call(host, path)
    return blind && path.startsWith(HERE) ? text?.replaceAll(EXPECTED, '') : text
  }
  const program = ts.createProgram(
    names.map(name => HERE + name),
    options,
    host,
  )
  const found = new Map<string, Set<number>>(names.map(name => [name, new Set()]))
  for (const { file, start = 0 } of ts.getPreEmitDiagnostics(program)) {
    if (file) found.get(file.fileName.slice(HERE.length))?.add(file.getLineAndCharacterOfPosition(start).line)
  }
  return found
}

/** The lines after which the file expects a complaint. */
function expectations(name: string): readonly number[] {
  return textOf(name)
    .split('\n')
    .flatMap((line, index) => (line.includes(EXPECTED) ? [index] : []))
}

const seen = complaints(false)
const blind = complaints(true)

describe('the types', () => {
  it.each(names.filter(name => name.endsWith('.ok.ts')))('let %s compile', name => {
    expect(seen.get(name)).toEqual(new Set())
    expect(expectations(name)).toEqual([])
  })

  it.each(names.filter(name => name.endsWith('.fails.ts')))('refuse in %s exactly what it expects', name => {
    expect(seen.get(name)).toEqual(new Set())
    const expected = expectations(name)
    expect(expected.length).toBeGreaterThan(5)
    // Without the expectations: one complaint, on the first or the second line below each.
    const lines = [...(blind.get(name) ?? [])]
    const unclaimed = lines.filter(line => !expected.includes(line - 1))
    expect(unclaimed).toEqual([])
    expect(lines).toHaveLength(expected.length)
  })
})
