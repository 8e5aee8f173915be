/** `node --import tsx scripts/machine-docs.ts`: writes docs/machine.md. With `--check` it fails when the file differs. */
import { writeOrCheck } from './generated.ts'
import { page } from './machine-docs/page.ts'

writeOrCheck('docs/machine.md', page())
