/** `node --import tsx scripts/browsers-docs.ts`: writes docs/browsers.md. With `--check` it fails when the file differs. */
import { type Difference, differences } from '../test/contract/differences.ts'
import { floors } from './browsers-docs/floor.ts'
import { writeOrCheck } from './generated.ts'
import { table } from './markdown.ts'

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

const FAMILIES = { chrome: 'Chrome, Edge', firefox: 'Firefox', safari: 'Safari, on macOS and iOS' } as const

const oldest = (await floors()).map(({ engine, version, because }) => [FAMILIES[engine], `**${version}**`, because])

const page = `# Browsers

<!-- Made by \`npm run docs\` from test/contract/differences.ts and from what the bundle of the library uses. A change here is
lost; CI fails when they differ. -->

Holdfast is tested in Chromium, Firefox and WebKitGTK (the engine of Safari, on Linux): one suite of conformance runs
there against the browser's own class and against Holdfast, another one reconnects in them.
\`npm run browsers\` runs both in every engine it finds, and says which it did not find.

- [Which versions](#which-versions)
- [What was run](#what-was-run)
- [Elsewhere](#elsewhere)
- [What a dial meets](#what-a-dial-meets)
- [Where their WebSockets differ](#where-their-websockets-differ)

## Which versions

${table(['browser', 'from', 'because of'], oldest)}

Measured: the bundle is given to esbuild, version by version, to find from where on it has nothing to rewrite; and every global and
every method of a newer ECMAScript that the bundle uses is looked up in a table
([scripts/browsers-docs/apis.ts](../scripts/browsers-docs/apis.ts), after MDN). What is in neither fails \`npm test\`, so the floor
does not rise unnoticed. It covers \`holdfast\` and \`holdfast/observe\`; \`holdfast/testing\` is for test runners.

Older ones need a bundler that rewrites the package for them (\`target: 'es2020'\` in esbuild or Vite, with \`node_modules\`
included), and a polyfill for \`Object.hasOwn\` and \`.at()\`. That is not tested.

## What was run

| engine | version | what runs there, for every change |
|---|---|---|
| Chromium | 156 | the conformance suite, reconnecting, page lifecycle, the examples |
| Firefox ESR | 153 | the conformance suite, reconnecting |
| WebKitGTK | 2.50 | the conformance suite, reconnecting |
| Node | 20 | everything else |

The oldest versions were not run: they are what the syntax and the interfaces ask for. Safari itself was not run, its engine was.

## Elsewhere

- **Node 20 and newer.** Node 20 has no WebSocket: pass a class, that of \`ws\` or undici. Node 22 has one.
- **Workers**: everything but visibility, [which the page can tell](page-signals.md#a-worker). The conformance suite covers
  dedicated ones.
- **Server-side rendering**: importing touches nothing, and \`startClosed: true\` dials nothing (\`npm run package\` renders React on
  a server with it).
- **React Native**: the adapter for its signals is [tested](page-signals.md#react-native), the runtime itself was not run. Hermes
  has no \`MessageChannel\`, \`EventTarget\` and \`DOMException\` in some versions: look before you ship. *Unverified.*
- **Electron**: as Chromium, with [signals of its own](page-signals.md#electron).
- **Deno, Bun**: not run.

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
