/** `node --import tsx scripts/protocol-docs.ts`: writes the tables of docs/protocol.md. With `--check` it fails when they differ. */
import { filled, writeOrCheck } from './generated.ts'
import { clamps, clientFrames, httpStatuses, serverFrames } from './protocol-docs/tables.ts'

writeOrCheck(
  'docs/protocol.md',
  filled('docs/protocol.md', {
    'client-frames': `\n${clientFrames()}\n`,
    'server-frames': `\n${serverFrames()}\n`,
    clamps: `\n${clamps()}\n`,
    'http-statuses': `\n${httpStatuses()}\n`,
  }),
)
