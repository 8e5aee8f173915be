/** `node --import tsx scripts/pitfalls-docs.ts`: writes docs/pitfalls.md. With `--check` it fails when the file differs. */
import { writeOrCheck } from './generated.ts'
import { page } from './pitfalls-docs/page.ts'

writeOrCheck('docs/pitfalls.md', page())
