import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { nodeModule } from '../bundle.ts'
import { barChart } from '../charts/bars.ts'
import type { Findings } from '../findings.ts'
import { sleep } from '../lanes/lane.ts'
import { startLane } from '../lanes.ts'
import type { Plan } from '../plan.ts'
import { progress } from '../progress.ts'
import type { Section } from '../section.ts'
import { listening } from '../server.ts'
import { mean, quantile } from '../statistics.ts'
import { HOLDFAST, PEERS, type Subject } from '../subjects.ts'
import { cell, shown, verdict } from '../table.ts'

const OPEN_MS = 30
const WINDOW_MS = 10_000
const LIMIT_MEAN = 3.5
const LIMIT_EACH = 6
const SUBJECTS = [HOLDFAST, ...PEERS]

async function measure(plan: Plan): Promise<Findings> {
  const lane = await nodeModule('dials', "import { dials } from './lanes/dials.ts'\ndials()")
  const modules = await Promise.all(
    SUBJECTS.map(({ file }) => nodeModule(`open-${file}`, `export { open } from './subjects/${file}.ts'`)),
  )
  const http = createServer()
  const server = new WebSocketServer({ server: http })
  // By path: /round/subject/client.
  const dialled = new Map<string, number[]>()
  server.on('connection', (socket, { url = '' }) => {
    dialled.set(url, [...(dialled.get(url) ?? []), performance.now()])
    setTimeout(() => socket.close(1011), OPEN_MS)
  })
  const port = await listening(http)
  try {
    for (let round = 0; round < plan.waits; round++) {
      const lanes = await Promise.all(
        modules.map((module, i) =>
          startLane(lane, { args: [module, `ws://127.0.0.1:${port}/${round}/${i}`, `${plan.clients}`] }),
        ),
      )
      await Promise.all(lanes.map(each => each.measure()))
      await sleep(WINDOW_MS + 500)
      for (const each of lanes) each.stop()
      progress('dials', (round + 1) / plan.waits)
    }
  } finally {
    for (const client of server.clients) client.terminate()
    http.close()
  }
  const counts = (i: number): number[] =>
    [...dialled]
      .filter(([path]) => path.split('/')[2] === `${i}`)
      .map(([, times]) => times.filter(time => time - (times[0] ?? 0) < WINDOW_MS).length)
  return { facts: {}, samples: { dials: Object.fromEntries(SUBJECTS.map(({ key }, i) => [key, counts(i)])) } }
}

/** Dials against a server that accepts and closes. */
export const dials: Section = {
  name: 'dials',
  waits: true,
  measure,
  show({ samples }, source) {
    const counts = ({ key }: Subject): readonly number[] => samples.dials?.[key] ?? []
    return {
      title: 'Dials against a server that accepts and closes',
      lead: `Connections in 10 s of real time, the first included, to a server that accepts and closes ${OPEN_MS} ms later with code 1011. Default options; websocket-ts as in its quickstart, since by default it does not reconnect. p10 to p90 over clients.`,
      charts: [
        barChart({
          name: 'dials',
          title: 'How often a server that accepts and closes is dialled',
          subtitle: `Mean of the connections per client in 10 s; the server closes each after ${OPEN_MS} ms with 1011. Less is better.`,
          source,
          unit: 'dials per client in 10 s',
          groups: [
            {
              bars: SUBJECTS.map(subject => ({
                label: subject.name,
                tone: subject.tone,
                value: mean(counts(subject)),
                spread: [quantile(counts(subject), 0.1), quantile(counts(subject), 0.9)] as const,
                says: shown(mean(counts(subject)), 2),
              })),
              budget: { value: LIMIT_MEAN, says: `budget: at most ${LIMIT_MEAN}` },
            },
          ],
        }),
      ],
      tables: [
        {
          head: ['', 'clients', 'dials in 10 s', 'mean', 'most'],
          rows: SUBJECTS.map(subject => [
            subject.name,
            `${counts(subject).length}`,
            cell(counts(subject)),
            shown(mean(counts(subject)), 2),
            shown(quantile(counts(subject), 1)),
          ]),
        },
      ],
      notes: [
        verdict('mean of dials in 10 s', mean(counts(HOLDFAST)), LIMIT_MEAN, 'at most', 2),
        verdict('dials of one client in 10 s', quantile(counts(HOLDFAST), 1), LIMIT_EACH, 'at most'),
      ],
    }
  },
}
