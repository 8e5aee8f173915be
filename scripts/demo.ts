// `npm run demo`: starts the live dashboard and everything behind it, and prints where it is.
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startDemo } from '../examples/dashboard/demo.ts'

function fail(sentence: string): never {
  console.error(sentence)
  process.exit(1)
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < least || number > most) {
    fail(`Expected \`--${option}\` to be a number from ${least} to ${most}, got "${text}".`)
  }
  return number
}

function given(): { readonly port?: string; readonly 'token-seconds'?: string } {
  try {
    return parseArgs({ options: { port: { type: 'string' }, 'token-seconds': { type: 'string' } } }).values
  } catch (error) {
    return fail(
      `${error instanceof Error ? error.message : error}\nUsage: npm run demo -- [--port 4780] [--token-seconds 60]`,
    )
  }
}

const { port: wantedPort, 'token-seconds': wantedSeconds } = given()
const port = wantedPort === undefined ? undefined : wholeNumber('port', wantedPort, 0, 65_535)
// Renewals are at least 10 s apart, so a token that lives for less would expire before one.
const seconds = wantedSeconds === undefined ? undefined : wholeNumber('token-seconds', wantedSeconds, 15, 3_600)

const built = ['index.js', 'observe.js', 'session.js', 'sse.js', 'polling.js'].every(file =>
  existsSync(new URL(`../dist/${file}`, import.meta.url)),
)
if (!built) {
  fail('The library is not built yet. Run `npm run demo`, which builds it first.')
}

const demo = await startDemo({
  ...(port !== undefined && { port }),
  ...(seconds !== undefined && { tokenLifeMs: seconds * 1000 }),
}).catch((error: unknown) => {
  const busy = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  return fail(busy ? `Port ${port} is taken. Choose another one, or leave \`--port\` out.` : String(error))
})

console.log(`
  Holdfast, live dashboard

  ${demo.url}

  Open it, break the line with the controls on the page, and watch it mend itself.
  ${demo.url}session/ shows two nodes to kill and drain, and a network to block, while nothing is lost.
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
