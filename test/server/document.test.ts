import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const sources = readdirSync(at('src/server'))
  .filter(name => name.endsWith('.ts'))
  .map(name => readFileSync(at(`src/server/${name}`), 'utf8'))
  .join('\n')
const document = readFileSync(at('docs/server.md'), 'utf8')

it('the guide lists every code of err that the server sends', () => {
  const thrown = [...sources.matchAll(/(?:new Refused\(|\bcode: )'([\w-]+)'/g)].map(([, code]) => code)
  const listed = [...document.matchAll(/^\| `([\w-]+)` \| (?:never|later)/gm)].map(([, code]) => code)
  expect(listed.sort()).toEqual([...new Set(thrown)].sort())
})

it('the guide lists every code that the server closes with', () => {
  const ended = [...sources.matchAll(/(?:\bend\(|#close\(|: )([14]\d{3})\b(?!_)/g)].map(([, code]) => code)
  const [, table = ''] = /What ends a connection has a code.*?\n\n(.*?)\n\n/s.exec(document) ?? []
  const listed = new Set(table.match(/\b[14]\d{3}\b/g))
  expect([...new Set(ended)].filter(code => code !== undefined && !listed.has(code))).toEqual([])
  expect(listed.size).toBeGreaterThan(15)
})
