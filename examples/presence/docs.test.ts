import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

it('docs/recipes/presence.md shows roster.ts as it is', () => {
  expect(read('../../docs/recipes/presence.md')).toContain(`\`\`\`ts\n${read('roster.ts')}\`\`\``)
})
