// `npm run demo`: starts the live dashboard and everything behind it, and prints where it is.
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startDemo } from '../examples/dashboard/demo.ts'

function fail(sentence: string): never {
  console.error(sentence)
  process.exit(1)
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) fail(`Expected \`--port\` to be a number from 0 to 65535, got "${text}".`)
  return port
}

function argument(): string | undefined {
  try {
    return parseArgs({ options: { port: { type: 'string' } } }).values.port
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : error}\nUsage: npm run demo -- [--port 4780]`)
  }
}

const wanted = argument()
const port = wanted === undefined ? undefined : portOf(wanted)

const built = ['index.js', 'observe.js'].every(file => existsSync(new URL(`../dist/${file}`, import.meta.url)))
if (!built) {
  fail('The library is not built yet. Run `npm run demo`, which builds it first.')
}

const demo = await startDemo(port === undefined ? {} : { port }).catch((error: unknown) => {
  const busy = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  return fail(busy ? `Port ${port} is taken. Choose another one, or leave \`--port\` out.` : String(error))
})

console.log(`
  Holdfast, live dashboard

  ${demo.url}

  Open it, break the line with the controls on the page, and watch it mend itself.
  Ctrl+C ends the demo.
`)

const end = (): void => {
  demo.close().then(
    () => process.exit(0),
    (error: unknown) => fail(String(error)),
  )
}
process.once('SIGINT', end)
process.once('SIGTERM', end)
