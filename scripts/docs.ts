/** `npm run docs`: writes every document that is made from the code. With `--check` it fails when one differs. */
import './machine-docs.ts'
import './close-codes-docs.ts'
import './browsers-docs.ts'
import './defaults-docs.ts'
import './troubleshooting-docs.ts'
import './pitfalls-docs.ts'
import './protocol-docs.ts'
import './server-docs.ts'
