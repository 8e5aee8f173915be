import { shipped } from '../bundle.ts'
import type { Plan } from '../plan.ts'
import { HOLDFAST, PEERS } from '../subjects.ts'
import { shown, type Table, verdict } from '../table.ts'

/** kB are 1,000 bytes. */
const LIMIT = 6_000

const [reconnecting, party, websocketTs] = PEERS.map(peer => peer.name)

const ENTRIES: readonly (readonly [name: string, shows: string, source: string])[] = [
  [HOLDFAST.name, "{ ResilientWebSocket } from 'holdfast'", "export { ResilientWebSocket } from '../src/index.ts'"],
  [`${reconnecting}`, "default from 'reconnecting-websocket'", "export { default } from 'reconnecting-websocket'"],
  [`${party}`, "{ WebSocket } from 'partysocket'", "export { WebSocket } from 'partysocket'"],
  [
    `${websocketTs}`,
    "{ WebsocketBuilder, ConstantBackoff, ArrayQueue } from 'websocket-ts'",
    "export { WebsocketBuilder, ConstantBackoff, ArrayQueue } from 'websocket-ts'",
  ],
]

/** What an app ships for the client class. */
export async function size(_plan: Plan): Promise<Table[]> {
  const sizes = await Promise.all(ENTRIES.map(([, , source]) => shipped(source)))
  return [
    {
      title: 'Size',
      section: 'size',
      lead: 'What an app ships that imports the client class: bundled and minified by esbuild for ES2022, then gzip -9. Bytes.',
      head: ['', 'imports', 'min', 'min + gzip'],
      rows: ENTRIES.map(([name, shows], i) => [
        name,
        `\`${shows}\``,
        shown(sizes[i]?.minified ?? Number.NaN, 0),
        shown(sizes[i]?.gzipped ?? Number.NaN, 0),
      ]),
      notes: [verdict('bytes, min + gzip', sizes[0]?.gzipped ?? Number.NaN, LIMIT, 'at most')],
    },
  ]
}
