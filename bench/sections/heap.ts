import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { nodeModule } from '../bundle.ts'
import type { Reading } from '../lanes/lane.ts'
import { startLane } from '../lanes.ts'
import type { Plan } from '../plan.ts'
import { progress } from '../progress.ts'
import { listening } from '../server.ts'
import { quantile, spread } from '../statistics.ts'
import { ALL, BARE, HOLDFAST } from '../subjects.ts'
import { cell, shown, type Table, verdict } from '../table.ts'

const LIMIT_BYTES = 2_300

const source = (file: string, lane: string, call: string): string =>
  `import { open } from './subjects/${file}.ts'\nimport { ${call.split('(')[0]} } from './lanes/${lane}.ts'\n${call}`

/** Starts one process for every subject, all at once: they wait more than they work. */
async function together(modules: readonly string[], url: string): Promise<Reading[]> {
  const lanes = await Promise.all(modules.map(module => startLane(module, { args: [url], flags: ['--expose-gc'] })))
  try {
    return await Promise.all(lanes.map(lane => lane.measure()))
  } finally {
    for (const lane of lanes) lane.stop()
  }
}

/** Heap and timers of an idle open socket. */
export async function heap(plan: Plan): Promise<Table[]> {
  const build = (lane: string, call: string): Promise<string[]> =>
    Promise.all(ALL.map(({ file }) => nodeModule(`${call.split('(')[0]}-${file}`, source(file, lane, call))))
  const [synthetic, ws, timers] = await Promise.all([
    build('idle', `idleSynthetic(open, ${plan.syntheticSockets})`),
    build('idle', `idleWs(open, ${plan.wsSockets})`),
    build('timers', 'timersPerMessage(open)'),
  ])
  const http = createServer()
  const server = new WebSocketServer({ server: http })
  const url = `ws://127.0.0.1:${await listening(http)}/`
  const found: { synthetic: Reading[]; ws: Reading[] }[] = []
  try {
    for (let round = 0; round < plan.waits; round++) {
      const [onSynthetic, onWs] = await Promise.all([together(synthetic, url), together(ws, url)])
      found.push({ synthetic: onSynthetic, ws: onWs })
      progress('heap', (round + 1) / plan.waits)
    }
    const started = await together(timers, url)
    return [table(plan, found, started)]
  } finally {
    for (const client of server.clients) client.terminate()
    http.close()
  }
}

function table(plan: Plan, found: readonly { synthetic: Reading[]; ws: Reading[] }[], started: Reading[]): Table {
  const bare = ALL.indexOf(BARE)
  const of = (kind: 'synthetic' | 'ws', i: number, name: string): number[] =>
    found.map(round => round[kind][i]?.[name] ?? Number.NaN)
  const over = (kind: 'synthetic' | 'ws', i: number): number[] =>
    of(kind, i, 'bytes').map((bytes, round) => bytes - (found[round]?.[kind][bare]?.bytes ?? Number.NaN))
  const bytes = (kind: 'synthetic' | 'ws', i: number): string =>
    i === bare ? `${cell(of(kind, i, 'bytes'))} in all` : cell(over(kind, i))
  const most = (i: number, name: string): string =>
    shown(Math.max(...of('synthetic', i, name), ...of('ws', i, name)), 1)
  const holdfast = ALL.indexOf(HOLDFAST)
  return {
    title: 'Heap and timers of an idle open socket',
    section: 'heap',
    lead: `Bytes of heap per open socket over the bare one, 11 s after it opened and after garbage collection; ${plan.syntheticSockets} synthetic sockets, ${plan.wsSockets} of \`ws\` over the loopback. Timers per socket: after it opened, 11 s later, and started per message received. Median (p10 to p90 over rounds).`,
    head: ['', 'synthetic, bytes', '`ws`, bytes', 'timers after open', 'timers when idle', 'timers per message'],
    rows: ALL.map(({ name }, i) => [
      name,
      bytes('synthetic', i),
      bytes('ws', i),
      most(i, 'settling'),
      most(i, 'idling'),
      shown(started[i]?.perMessage ?? Number.NaN, 4),
    ]),
    notes: [
      verdict('bytes over bare, no layers', spread(over('synthetic', holdfast)).median, LIMIT_BYTES, 'at most'),
      verdict('timers when idle', quantile(of('synthetic', holdfast, 'idling'), 1), 1, 'at most'),
      verdict('timers per message', started[holdfast]?.perMessage ?? Number.NaN, 0, 'at most', 4),
    ],
  }
}
