import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { nodeModule } from '../bundle.ts'
import { sleep } from '../lanes/lane.ts'
import { startLane } from '../lanes.ts'
import type { Plan } from '../plan.ts'
import { progress } from '../progress.ts'
import { listening } from '../server.ts'
import { mean, quantile } from '../statistics.ts'
import { HOLDFAST, PEERS } from '../subjects.ts'
import { cell, shown, type Table, verdict } from '../table.ts'

const OPEN_MS = 30
const WINDOW_MS = 10_000
const LIMIT_MEAN = 3.5
const LIMIT_EACH = 6
const SUBJECTS = [HOLDFAST, ...PEERS]

/** Dials against a server that accepts and closes. */
export async function dials(plan: Plan): Promise<Table[]> {
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
  const counts = SUBJECTS.map((_, i) =>
    [...dialled]
      .filter(([path]) => path.split('/')[2] === `${i}`)
      .map(([, times]) => times.filter(time => time - (times[0] ?? 0) < WINDOW_MS).length),
  )
  const ours = counts[0] ?? []
  return [
    {
      title: 'Dials against a server that accepts and closes',
      section: 'dials',
      lead: `Connections in 10 s of real time, the first included, to a server that accepts and closes ${OPEN_MS} ms later with code 1011. Default options; websocket-ts as in its quickstart, since by default it does not reconnect. Median (p10 to p90 over clients).`,
      head: ['', 'clients', 'dials in 10 s', 'mean', 'most'],
      rows: SUBJECTS.map(({ name }, i) => [
        name,
        `${counts[i]?.length}`,
        cell(counts[i] ?? []),
        shown(mean(counts[i] ?? []), 2),
        shown(quantile(counts[i] ?? [], 1), 0),
      ]),
      notes: [
        verdict('mean of dials in 10 s', mean(ours), LIMIT_MEAN, 'at most', 2),
        verdict('dials of one client in 10 s', quantile(ours, 1), LIMIT_EACH, 'at most'),
      ],
    },
  ]
}
