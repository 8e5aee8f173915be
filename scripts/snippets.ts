// Compiles every TypeScript snippet of the README and the docs against the sources, as one file each.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = new URL('..', import.meta.url).pathname
const folder = join(root, '.cache/snippets')
const documents = ['README.md', ...readdirSync(join(root, 'docs')).map(name => `docs/${name}`)].filter(name =>
  name.endsWith('.md'),
)

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })

let count = 0
for (const document of documents) {
  const text = readFileSync(join(root, document), 'utf8')
  for (const { 1: language = 'ts', 2: code = '', index } of text.matchAll(/^```(tsx?)\n(.*?)^```/gms)) {
    const line = text.slice(0, index).split('\n').length
    const name = `${document.replaceAll(/\W/g, '-')}-line-${line}.${language}`
    // A module of its own, so that snippets may use the same names.
    writeFileSync(join(folder, name), `${code}\nexport {}\n`)
    count++
  }
}

writeFileSync(
  join(folder, 'tsconfig.json'),
  JSON.stringify({
    extends: '../../tsconfig.json',
    compilerOptions: {
      baseUrl: '../..',
      jsx: 'react-jsx',
      paths: {
        holdfast: ['src/index.ts'],
        'holdfast/*': ['src/*/index.ts'],
      },
    },
    include: ['.'],
  }),
)

if (count === 0) {
  console.error('Found no snippet: the pattern no longer matches the documents.')
  process.exit(1)
}
const { status } = spawnSync('npx', ['tsc', '-p', folder], { stdio: 'inherit', cwd: root })
console.log(
  `${count} snippets of ${documents.length} documents ${status === 0 ? 'compile' : 'were compiled: errors above'}`,
)
process.exit(status ?? 1)
