/** The documents of this repository, and the code in them. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url))

/** A block of code in a document. */
export interface Snippet {
  readonly document: string
  /** The line of the document with its first line of code. */
  readonly line: number
  readonly language: string
  readonly code: string
  /** Why it is not run, as an HTML comment above it says; `null` when it is. */
  readonly notRun: string | null
}

function pagesUnder(folder: string, recursive = true): readonly string[] {
  const names = readdirSync(`${ROOT}/${folder}`, { recursive, encoding: 'utf8' })
  return names
    .filter(name => name.endsWith('.md'))
    .map(name => (folder === '.' ? name : `${folder}/${name}`))
    .sort()
}

/** Where code is written for readers: the README, and everything under docs but the reference, which typedoc writes. */
export function documents(): readonly string[] {
  return ['README.md', ...pagesUnder('docs').filter(path => !path.startsWith('docs/api/'))]
}

/** All that has links in it. */
export function linked(): readonly string[] {
  const others = ['.', 'bench', 'examples', 'test', 'scripts'].flatMap(folder => pagesUnder(folder, folder !== '.'))
  return [...new Set([...documents(), ...others])]
}

export function textOf(document: string): string {
  return readFileSync(`${ROOT}/${document}`, 'utf8')
}

const BLOCK = /^(?<indent> *)```(?<language>\w*)[^\n]*\n(?<code>.*?)^\k<indent>```/gms
const NOT_RUN = /<!-- not run: (.+?) -->\s*$/s

export function snippetsOf(document: string): readonly Snippet[] {
  const text = textOf(document)
  return [...text.matchAll(BLOCK)].map(({ index, groups: { indent = '', language = '', code = '' } = {} }) => {
    const before = text.slice(0, index)
    return {
      document,
      line: before.split('\n').length + 1,
      language,
      code: code.replaceAll(RegExp(`^${indent}`, 'gm'), ''),
      notRun: NOT_RUN.exec(before.slice(-200))?.[1] ?? null,
    }
  })
}

/** A document without its blocks of code, line for line. */
export function proseOf(document: string): string {
  return textOf(document).replaceAll(BLOCK, block => block.replaceAll(/[^\n]/g, ''))
}
