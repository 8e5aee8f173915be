import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const shown = [...read('../../docs/page-signals.md').matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code)

it.each(['react-native.ts', 'electron.ts', 'worker.ts', 'node.ts'])('docs/page-signals.md shows %s as it is', file => {
  expect(shown).toContain(read(file))
})
