import { shipped } from '../bundle.ts'
import { barChart } from '../charts/bars.ts'
import type { Section } from '../section.ts'
import { HOLDFAST, PARTYSOCKET, RECONNECTING, type Subject, WEBSOCKET_TS } from '../subjects.ts'
import { shown, verdict } from '../table.ts'

/** kB are 1,000 bytes. */
const LIMIT = 6_000

interface Entry {
  readonly subject: Subject
  readonly imports: string
  readonly from: string
}

const ENTRIES: readonly Entry[] = [
  { subject: HOLDFAST, imports: '{ ResilientWebSocket }', from: 'holdfast' },
  { subject: RECONNECTING, imports: '{ default }', from: 'reconnecting-websocket' },
  { subject: PARTYSOCKET, imports: '{ WebSocket }', from: 'partysocket' },
  { subject: WEBSOCKET_TS, imports: '{ WebsocketBuilder, ConstantBackoff, ArrayQueue }', from: 'websocket-ts' },
]

/** What an app ships for the client class. */
export const size: Section = {
  name: 'size',
  async measure() {
    const sizes = await Promise.all(
      ENTRIES.map(async ({ subject, imports, from }) => {
        const module = subject === HOLDFAST ? '../src/index.ts' : from
        return { key: subject.key, ...(await shipped(`export ${imports} from '${module}'`)) }
      }),
    )
    return {
      facts: {},
      samples: {
        minified: Object.fromEntries(sizes.map(({ key, minified }) => [key, [minified]])),
        gzipped: Object.fromEntries(sizes.map(({ key, gzipped }) => [key, [gzipped]])),
      },
    }
  },
  show({ samples }, source) {
    const of = (what: string, { key }: Subject): number => samples[what]?.[key]?.[0] ?? Number.NaN
    return {
      title: 'Size',
      lead: 'What an app ships that imports the client class: bundled and minified by esbuild for ES2022, then gzip -9. Bytes.',
      charts: [
        barChart({
          name: 'size',
          title: 'What an app ships',
          subtitle: 'Bytes of the client class with all it needs, minified and gzipped. Less is better.',
          source,
          unit: 'bytes, min + gzip',
          groups: [
            {
              bars: ENTRIES.map(({ subject }) => ({
                label: subject.name,
                tone: subject.tone,
                value: of('gzipped', subject),
                says: shown(of('gzipped', subject)),
              })),
              budget: { value: LIMIT, says: `budget: at most ${shown(LIMIT)}` },
            },
          ],
        }),
      ],
      tables: [
        {
          head: ['', 'imports', 'min', 'min + gzip'],
          rows: ENTRIES.map(({ subject, imports, from }) => [
            subject.name,
            `\`${imports} from '${from}'\``,
            shown(of('minified', subject)),
            shown(of('gzipped', subject)),
          ]),
        },
      ],
      notes: [verdict('bytes, min + gzip', of('gzipped', HOLDFAST), LIMIT, 'at most')],
    }
  },
}
