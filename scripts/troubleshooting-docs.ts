/** `node --import tsx scripts/troubleshooting-docs.ts`: fills docs/troubleshooting.md. With `--check` it fails when the file differs. */
import { filled, writeOrCheck } from './generated.ts'
import { storyBlocks } from './troubleshooting-docs/stories.ts'
import { tableBlocks } from './troubleshooting-docs/tables.ts'

const PATH = 'docs/troubleshooting.md'

writeOrCheck(PATH, filled(PATH, { ...(await storyBlocks()), ...(await tableBlocks()) }))
