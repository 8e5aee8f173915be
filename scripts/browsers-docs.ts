/** `node --import tsx scripts/browsers-docs.ts`: writes docs/browsers.md. With `--check` it fails when the file differs. */
import { type Difference, differences } from '../test/contract/differences.ts'
import { writeOrCheck } from './generated.ts'

const NAMES = { chromium: 'Chromium', firefox: 'Firefox', webkit: 'WebKitGTK' } as const

/** Differences with one reason, side by side. */
function byReason(): readonly (readonly [first: Difference, ...others: Difference[]])[] {
  const groups = new Map<string, [Difference, ...Difference[]]>()
  for (const difference of differences) {
    const group = groups.get(difference.why)
    if (group) group.push(difference)
    else groups.set(difference.why, [difference])
  }
  return [...groups.values()]
}

/** What an app sees there, where words or a number say it. */
function seen({ expected }: Difference): string {
  if (typeof expected === 'string' || typeof expected === 'number') return String(expected)
  const [code = Reflect.get(Object(expected), 'code')] = Array.isArray(expected) ? expected : []
  return `closes with ${code}`
}

function row(group: readonly [Difference, ...Difference[]]): string {
  const [{ engines, why }] = group
  const once = (values: readonly string[]) => [...new Set(values)].join('; ')
  const cells = [
    engines.map(name => NAMES[name]).join(', '),
    once(group.map(({ key }) => key)),
    once(group.map(seen)),
    why,
  ]
  return `| ${cells.join(' | ')} |`
}

const page = `# Browsers

<!-- Made by \`npm run docs\` from test/contract/differences.ts. A change here is lost; CI fails when they differ. -->

Holdfast is tested in Chromium, Firefox and WebKitGTK (the engine of Safari, on Linux): one suite of conformance runs
there against the browser's own class and against Holdfast, another one reconnects in them.
\`npm run browsers\` runs both in every engine it finds, and says which it did not find.

## What a dial meets

- **A second dial to the same host and port waits for the first** while that one is connecting, in every browser. So
  Holdfast ends a dial that hangs before it makes another (\`connectTimeoutMs\`).
- **Firefox does not hang up** when a handshake is given up: the TCP connection stands for as long as the server lets
  it, and **there are no more than six** to one host and port. A seventh dial does not leave the browser; it waited for
  seven minutes, and so long did we. Chromium and WebKitGTK hang up at once. It takes a server that accepts connections
  and then says nothing: let yours, or the proxy before it, end handshakes that it does not answer.
- **Firefox holds dials back** to a host that just failed, by itself: about 0.4 s after the first failure, growing to
  a minute. \`nextRetryAt\` is when the browser is asked; there, the server hears of it later.
- **A connection that has gone silent is not closed by \`close()\`** in reasonable time: the event comes after 5 s in
  WebKitGTK, 20 s in Firefox, 60 s in Chromium. Holdfast does not wait for it: \`reconnect()\` dials at once.

## Where their WebSockets differ

With \`{ reconnect: false, outbox: false }\` an app finds in Holdfast what it finds in the class of the browser:

| browser | in | is | because |
|---|---|---|---|
${byReason().map(row).join('\n')}
`

writeOrCheck('docs/browsers.md', page)
