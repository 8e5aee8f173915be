/** `node --import tsx scripts/server-docs.ts`: writes the tables of docs/server.md. With `--check` it fails when they differ. */
import { filled, writeOrCheck } from './generated.ts'
import { limits, lines, metrics } from './server-docs/tables.ts'

writeOrCheck(
  'docs/server.md',
  filled('docs/server.md', {
    limits: `\n${limits()}\n`,
    metrics: `\n${metrics()}\n`,
    lines: `\n${lines()}\n`,
  }),
)
