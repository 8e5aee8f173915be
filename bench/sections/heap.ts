import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { nodeModule } from '../bundle.ts'
import { barChart } from '../charts/bars.ts'
import type { Findings, Samples } from '../findings.ts'
import { type Reading, sleep } from '../lanes/lane.ts'
import { type Lane, startLane } from '../lanes.ts'
import type { Plan } from '../plan.ts'
import { progress } from '../progress.ts'
import type { Section } from '../section.ts'
import { listening } from '../server.ts'
import { median, quantile, spread } from '../statistics.ts'
import { ALL, BARE, HOLDFAST, LAYERED, type Subject } from '../subjects.ts'
import { cell, shown, verdict } from '../table.ts'
import { WIRES, type WireName } from '../wires/wire.ts'
import { against, minus } from './cpu.ts'

const LIMIT_BYTES = 2_300
const LIMIT_LAYERED_BYTES = 3_000
const SUBJECTS = [...ALL, LAYERED]
/** Longer than every stable window and connect timeout of the subjects (10 s is the longest); and between the first and the second question of a heartbeat, at 15 and 30 s. */
const SETTLE_MS = 20_000

const TITLES = {
  synthetic: 'a synthetic socket',
  ws: 'the `ws` class over the loopback',
  undici: "undici's class over the loopback",
} as const

const build = (name: string, call: string): Promise<string[]> =>
  Promise.all(
    SUBJECTS.map(({ key, file }) =>
      nodeModule(
        `${name}-${call.replace(/\W+/g, '-')}-${key}`,
        `import { open } from './subjects/${file}.ts'\nimport { ${name} } from './lanes/${name}.ts'\n${name}(open${call})`,
      ),
    ),
  )

const bySubject = (samples: (i: number) => readonly number[]): Samples =>
  Object.fromEntries(SUBJECTS.map(({ key }, i) => [key, samples(i)]))

/** Starts the processes one after the other, since a dial that waits for long is given up by some, and looks at each when it has waited. */
async function idled(modules: readonly string[], url: string): Promise<readonly Reading[]> {
  const lanes: Lane[] = []
  const looks: Promise<Reading>[] = []
  try {
    for (const module of modules) {
      const lane = await startLane(module, { args: [url], flags: ['--expose-gc'] })
      lanes.push(lane)
      const opened = await lane.measure()
      looks.push(sleep(SETTLE_MS).then(async () => ({ ...opened, ...(await lane.measure()) })))
    }
    return await Promise.all(looks)
  } finally {
    for (const lane of lanes) lane.stop()
  }
}

async function measure(plan: Plan): Promise<Findings> {
  const lanes = await Promise.all(
    WIRES.map(wire => build('idle', `, '${wire}', ${wire === 'synthetic' ? plan.syntheticSockets : plan.realSockets}`)),
  )
  const timers = await build('timers', '')
  const http = createServer()
  const server = new WebSocketServer({ server: http })
  server.on('connection', socket =>
    socket.on('message', message => {
      if (`${message}` === 'ping') socket.send('pong')
    }),
  )
  const url = `ws://127.0.0.1:${await listening(http)}/`
  const rounds: (readonly Reading[])[] = []
  try {
    for (let round = 0; round < plan.waits; round++) {
      rounds.push(await idled(lanes.flat(), url))
      progress('heap', (round + 1) / plan.waits)
    }
    const of = (wire: WireName, name: string): Samples =>
      bySubject(i => rounds.map(round => round[WIRES.indexOf(wire) * SUBJECTS.length + i]?.[name] ?? Number.NaN))
    const started: Reading[] = []
    for (const module of timers) {
      const lane = await startLane(module)
      started.push(await lane.measure())
      lane.stop()
    }
    return {
      facts: { synthetic: `${plan.syntheticSockets}`, real: `${plan.realSockets}` },
      samples: {
        ...Object.fromEntries(
          WIRES.flatMap(wire => ['bytes', 'settling', 'idling'].map(name => [`${wire}: ${name}`, of(wire, name)])),
        ),
        perMessage: bySubject(i => [started[i]?.perMessage ?? Number.NaN]),
      },
    }
  } finally {
    for (const client of server.clients) client.terminate()
    http.close()
  }
}

/** Heap and timers of an idle open socket. */
export const heap: Section = {
  name: 'heap',
  waits: true,
  measure,
  show({ facts, samples }, source) {
    const of = (wire: WireName, name: string): Samples => samples[`${wire}: ${name}`] ?? {}
    const over = (wire: WireName, subject: Subject): number[] => against(of(wire, 'bytes'), subject, BARE, minus)
    const most = (name: string, { key }: Subject): number =>
      Math.max(...WIRES.flatMap(wire => of(wire, name)[key] ?? []))
    const perMessage = ({ key }: Subject): number => samples.perMessage?.[key]?.[0] ?? Number.NaN
    const bar = (wire: WireName) => (subject: Subject) => {
      const { p10, median: value, p90 } = spread(over(wire, subject))
      return {
        label: subject.name,
        tone: subject.tone,
        value,
        spread: [p10, p90] as const,
        says: `${shown(value)} bytes`,
      }
    }
    const plain = SUBJECTS.filter(subject => subject !== BARE && subject !== LAYERED)
    return {
      title: 'Heap and timers of an idle open socket',
      lead: `Bytes of heap per open socket over the bare one, 20 s after it opened and after garbage collection: every window of every library is over, and a heartbeat has asked once. ${facts.synthetic} synthetic sockets, ${facts.real} of each class over the loopback. Timers per socket, the most that was seen: after it opened, 20 s later, and started per message received.`,
      charts: [
        barChart({
          name: 'heap',
          title: 'What an idle open socket keeps in memory',
          subtitle: 'Bytes of heap per socket over the bare WebSocket, in Node. Less is better.',
          source,
          unit: 'bytes per socket, over bare',
          groups: [
            {
              title: `on ${TITLES.synthetic}`,
              bars: plain.map(bar('synthetic')),
              budget: { value: LIMIT_BYTES, says: `budget: at most ${shown(LIMIT_BYTES)}` },
            },
            {
              title: 'with a heartbeat and auth, which the others do not have',
              bars: [bar('synthetic')(LAYERED)],
              budget: { value: LIMIT_LAYERED_BYTES, says: `budget: at most ${shown(LIMIT_LAYERED_BYTES)}` },
            },
          ],
        }),
      ],
      tables: [
        {
          title: 'Heap, bytes per socket',
          head: ['', ...WIRES.map(wire => TITLES[wire])],
          rows: SUBJECTS.map(subject => [
            subject.name,
            ...WIRES.map(wire =>
              subject === BARE ? `${cell(of(wire, 'bytes')[BARE.key] ?? [])} in all` : cell(over(wire, subject)),
            ),
          ]),
        },
        {
          title: 'Timers per socket',
          head: ['', 'after open', 'when idle', 'per message'],
          rows: SUBJECTS.map(subject => [
            subject.name,
            shown(most('settling', subject), 1),
            shown(most('idling', subject), 1),
            shown(perMessage(subject), 4),
          ]),
        },
      ],
      notes: [
        verdict('bytes over bare, no layers', median(over('synthetic', HOLDFAST)), LIMIT_BYTES, 'at most'),
        verdict(
          'bytes over bare, heartbeat and auth',
          median(over('synthetic', LAYERED)),
          LIMIT_LAYERED_BYTES,
          'at most',
        ),
        ...[HOLDFAST, LAYERED].flatMap(subject => [
          verdict(`timers when idle, ${subject.name}`, most('idling', subject), 1, 'at most'),
          verdict(`timers per message, ${subject.name}`, quantile([perMessage(subject)], 1), 0, 'at most', 4),
        ]),
      ],
    }
  },
}
