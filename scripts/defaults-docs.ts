/** `node --import tsx scripts/defaults-docs.ts`: writes docs/why-these-defaults.md. With `--check` it fails when the file differs. */
import { page } from './defaults-docs/page.ts'
import { writeOrCheck } from './generated.ts'

writeOrCheck('docs/why-these-defaults.md', page())
