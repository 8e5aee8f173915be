/** Each snippet as a file of its own, on the lines that it has in its document: what a tool says of it can be found. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, type Snippet } from './documents.ts'

export const FOLDER: string = join(ROOT, '.cache/snippets')

/** Written as a test: vitest runs it. */
export function isTest({ code }: Snippet): boolean {
  return /from 'vitest'$/m.test(code)
}

/** The name of its file, without the ending. */
export function nameOf({ document, line }: Snippet): string {
  return `${document.replaceAll(/\W/g, '-')}-line-${line}`
}

export function fileOf(snippet: Snippet): string {
  return `${nameOf(snippet)}${isTest(snippet) ? '.test' : ''}.${snippet.language}`
}

/** Writes them into an empty folder, with what tsc and vitest need beside them. */
export function write(snippets: readonly Snippet[]): void {
  rmSync(FOLDER, { recursive: true, force: true })
  mkdirSync(FOLDER, { recursive: true })
  for (const snippet of snippets) {
    // A module of its own, so that snippets may use the same names.
    const code = `${'\n'.repeat(snippet.line - 1)}${snippet.code}\nexport {}\n`
    writeFileSync(join(FOLDER, fileOf(snippet)), code)
  }
  const paths = { holdfast: ['src/index.ts'], 'holdfast/*': ['src/*/index.ts'] }
  const compilerOptions = { baseUrl: '../..', jsx: 'react-jsx', paths }
  writeFileSync(
    join(FOLDER, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: ['*.ts', '*.tsx'] }),
  )
  const src = join(ROOT, 'src')
  const alias = [
    { find: '^holdfast$', replacement: `${src}/index.ts` },
    { find: '^holdfast/(.+)$', replacement: `${src}/$1/index.ts` },
  ]
  const config = { root: FOLDER, test: { include: ['*.test.ts'], exclude: [], reporters: ['dot'] } }
  writeFileSync(
    join(FOLDER, 'vitest.config.mjs'),
    `const alias = ${JSON.stringify(alias)}.map(({ find, replacement }) => ({ find: RegExp(find), replacement }))
export default { ...${JSON.stringify(config)}, resolve: { alias } }
`,
  )
}

/** What a tool said, with the places in the documents in place of those in the files: `name.ts(12,7)`, `name.mjs:12:7`. */
export function inDocuments(said: string, snippets: readonly Snippet[]): string {
  return snippets.reduce(
    (text, snippet) =>
      text.replaceAll(
        RegExp(`(?:file://)?[\\w./-]*${nameOf(snippet)}(?:\\.test)?\\.\\w+(?:\\((\\d+),(\\d+)\\)|:(\\d+))`, 'g'),
        (_, line, column, alone) => `${snippet.document}:${alone ?? `${line}:${column}`}`,
      ),
    said,
  )
}
