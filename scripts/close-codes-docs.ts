/** `node --import tsx scripts/close-codes-docs.ts`: writes docs/close-codes.md. With `--check` it fails when the file differs. */
import { page } from './close-codes-docs/page.ts'
import { writeOrCheck } from './generated.ts'

writeOrCheck('docs/close-codes.md', page())
