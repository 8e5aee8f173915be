/** docs/close-codes.md, from the standard policy and from what `holdfast/observe` says of each code. */
import type { Origin } from '../../src/core/disconnect.ts'
import { DELAY_CAP_MS } from '../../src/core/limits.ts'
import { closeCode } from '../../src/observe/close-codes.ts'
import { table } from '../markdown.ts'
import { MAY_ASK, told } from './answers.ts'

const FIRST = 1_000
const LAST = 4_999

export const ORIGINS: readonly (readonly [origin: Origin, meaning: string])[] = [
  ['network', 'the connection broke without a close frame'],
  ['browser-failed', 'the browser ended it: a bad frame, bad UTF-8'],
  ['dial-failed', 'it never opened: a closed port, a 401, a 502, a certificate'],
  ['dial-timeout', 'it was not ready within the connect timeout'],
  ['heartbeat', 'it was found dead'],
  ['provider', 'your function for the URL, the protocols or the credential failed'],
  ['hook', 'your `beforeOpen` failed'],
]

/** Codes in a row as one: `1016-2999`. */
function ranges(codes: readonly number[]): string {
  const starts = codes.filter((code, index) => codes[index - 1] !== code - 1)
  const ends = codes.filter((code, index) => codes[index + 1] !== code + 1)
  return starts.map((start, index) => (start === ends[index] ? start : `${start}-${ends[index]}`)).join(', ')
}

/** One row for all codes of which the same is to be said. */
export function codeRows(): readonly (readonly string[])[] {
  const rows = new Map<string, { readonly codes: number[]; readonly cells: readonly string[] }>()
  for (let code = FIRST; code <= LAST; code++) {
    const { name, meaning, hint, section } = closeCode(code)
    const cells = [name, meaning, told({ code }, true), told({ code }, false), hint, section]
    const key = cells.join('|')
    const row = rows.get(key) ?? { codes: [], cells }
    row.codes.push(code)
    rows.set(key, row)
  }
  return [...rows.values()].map(({ codes, cells }) => [ranges(codes), ...cells])
}

function originRows(): readonly (readonly string[])[] {
  return ORIGINS.map(([origin, meaning]) => [`\`${origin}\``, meaning, told({ origin, code: 1006 }, false)])
}

/** The whole page. */
export function page(): string {
  return `# Close codes

<!-- Made by \`npm run docs\` from the standard policy and the words of holdfast/observe. A change here is lost; CI fails
when they differ. -->

**Does 1000 mean "done" in your app?** Holdfast retries it, because proxies and servers end idle connections with 1000
and the app would go silent. If your server says it when there is nothing more to come, say so in one line:

\`\`\`ts
import { ResilientWebSocket } from 'holdfast'

new ResilientWebSocket('wss://api.example.com/live', [], { closePolicy: { 1000: 'stop' } })
\`\`\`

- [Your own policy](#your-own-policy)
- [Every code](#every-code)
- [Disconnects without a code](#disconnects-without-a-code)

## Your own policy

\`closePolicy\` is a table, a function, or a list of them, asked in order. The first answer wins, \`undefined\` abstains, and
the standard table below stands behind them. In a table a single code goes before a range.

\`\`\`ts
import { closePolicy, ResilientWebSocket } from 'holdfast'

const policy = closePolicy(
  {
    4401: 'refresh-auth', // the token has expired: fetch another one first
    4003: 'stop', // banned
    '4290-4299': { afterMs: 20_000 }, // rate limited
  },
  ({ code, openMs, attempt }) => (code === 1012 && attempt > 2 && (openMs ?? 0) < 1_000 ? 'retry-slowly' : undefined),
)

new ResilientWebSocket('wss://api.example.com/live', [], { closePolicy: policy })
\`\`\`

${table(
  ['answer', 'what happens'],
  [
    ["`'retry'`", 'the next dial after the backoff'],
    ["`'retry-slowly'`", 'the same, in the slow window'],
    ['`{ afterMs }`', `exactly after that, up to ${DELAY_CAP_MS / 60_000} min`],
    ["`'refresh-auth'`", 'a fresh credential first; without an auth provider it stops, unauthorized'],
    ["`'fall-back'`", 'the next transport, where there is one; else like `retry`'],
    ["`'stop'`", 'closed, with `willReconnect` false; `reconnect()` begins again'],
  ],
)}

A function is shown the disconnect as it was: \`origin\` (who ended it), the real \`code\`, \`reason\` and \`wasClean\`, \`openMs\`
(\`null\` when it never opened), \`silentMs\` (how long nothing had been heard), \`attempt\`, \`refusals\` (credentials refused in a row; \`null\` without an auth provider),
\`transport\`, and \`history\`, how up to ten connections before it ended. It is asked once per disconnect, never about a
close of the app's own, and never with \`reconnect: false\`. One that throws or answers something else abstains, and is
reported as \`ERR_POLICY\`. A table with a key that is no code or an answer that is none throws \`ERR_OPTION\` at once.
Whatever a policy answers, the dial guard holds: six dials in 10 s.

A policy is a pure function, so it is tested without a socket. [examples/close-policy](../examples/close-policy) has one
with its test.

\`\`\`ts
import { closePolicy } from 'holdfast'
import { ending } from 'holdfast/testing'

const policy = closePolicy({ 4003: 'stop' })
console.assert(policy(ending({ code: 4003 })) === 'stop')
console.assert(policy(ending({ origin: 'dial-failed' })) === undefined)
\`\`\`

## Every code

What is done about a code that your policy has no answer to, with an auth provider and without one. "In a row" means
without a connection between that was stable, 10 s by default. \`closeCode(1013)\` of \`holdfast/observe\` has the words of a
row.

${table(['code', 'name', 'meaning', 'with a provider', 'without', 'hint', 'section'], codeRows())}

${MAY_ASK} A close reason with \`after=SECONDS\`, as in \`after=30\`, says how long to wait first, up to ${DELAY_CAP_MS / 60_000} min; the
window comes on top, so that not everybody returns at once.

"IANA registry" is the [WebSocket Close Code Number Registry](https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number),
RFC 6455 is [here](https://www.rfc-editor.org/rfc/rfc6455#section-7.4).

## Disconnects without a code

The app sees 1006, not clean. A policy sees what it really was, in \`origin\`.

${table(['origin', 'what happened', 'what is done'], originRows())}
`
}
