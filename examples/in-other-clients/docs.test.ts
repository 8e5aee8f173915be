import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const shown = read('../../docs/in-other-clients.md')
  .split('### ')
  .slice(1)
  .flatMap(section => {
    const name = section.split('\n')[0] ?? ''
    return [...section.matchAll(/^```typescript\n(.*?)^```/gms)].map(([, code = '']) => [name, code] as const)
  })

it('has a fragment for each client', () => {
  expect([...new Set(shown.map(([name]) => name))]).toEqual(['graphql-ws', 'y-websocket', 'tRPC', 'Phoenix', 'rxjs'])
})

it.each(shown)('docs/in-other-clients.md shows %s as its module has it', (name, code) => {
  expect(read(`${name.toLowerCase()}.ts`)).toContain(code)
})
