import { nodeModule } from '../bundle.ts'
import { type Bar, barChart } from '../charts/bars.ts'
import type { Findings, Samples } from '../findings.ts'
import { interleave, type Started } from '../interleave.ts'
import { type Reading, sleep } from '../lanes/lane.ts'
import { startLane } from '../lanes.ts'
import type { Plan } from '../plan.ts'
import { progress } from '../progress.ts'
import type { Section } from '../section.ts'
import { type Pair, REQUEST, SESSION, SOCKET_IO, serverVersions, WS, WS_AGAIN } from '../serving/subjects.ts'
import { median, spread } from '../statistics.ts'
import { cell, shown, type Table } from '../table.ts'
import { minus, ratio } from './cpu.ts'

const CONNECTIONS = 50
/** On each of them. Our server takes 64, and our client sends no more than it was told. */
const IN_FLIGHT = 16
const MESSAGES = 4_000
const SUBSCRIBERS = 1_000
const ALONE = 3
const IN_A_ROW = 10
/** Before the first round, so that everything is compiled that will be. */
const WARM_UP = 5
/** Connections before the first look at the memory: what is made once is no cost of each, and a fresh heap has room that was paid for already. */
const CROWD_WARM = 1_000
const CROWD = 1_000
/** All timeouts of a handshake are over, and a heartbeat has asked once. */
const SETTLE_MS = 20_000

const PAIRS = {
  trips: [WS, WS_AGAIN, SESSION, REQUEST, SOCKET_IO],
  fan: [WS, WS_AGAIN, SESSION, SOCKET_IO],
  crowd: [WS, WS_AGAIN, SESSION, SOCKET_IO],
} as const

const LOADS = {
  trips: `roundTrips(dial, ${CONNECTIONS}, ${IN_FLIGHT}, ${MESSAGES})`,
  fan: `fanOut(dial, ${SUBSCRIBERS}, ${ALONE}, ${IN_A_ROW})`,
  crowd: `crowd(dial, ${CROWD_WARM}, ${CROWD})`,
} as const

type Kind = keyof typeof LOADS

interface Modules {
  readonly server: string
  readonly load: string
}

async function modules(kind: Kind, { server, client }: Pair): Promise<Modules> {
  const call = LOADS[kind]
  return {
    server: await nodeModule(
      `server-${server}`,
      `import { serve } from './serving/servers/${server}.ts'\nimport { server } from './lanes/serve.ts'\nserver(serve)`,
    ),
    load: await nodeModule(
      `load-${kind}-${client}`,
      `import { dial } from './serving/clients/${client}.ts'\nimport { ${call.split('(')[0]} } from './lanes/load.ts'\n${call}`,
    ),
  }
}

/** A server and its load, each in a process of its own. A turn also says what it cost the server. */
async function started({ server, load }: Modules): Promise<Started> {
  const serving = await startLane(server, { pinned: true })
  const { port } = await serving.measure()
  const loading = await startLane(load, { args: [`${port}`] })
  return {
    async measure() {
      const { cpu: before = Number.NaN } = await serving.measure()
      const { messages = Number.NaN, ...found } = await loading.measure()
      const { cpu: after = Number.NaN } = await serving.measure()
      return { ...found, ns: (after - before) / messages }
    },
    stop() {
      loading.stop()
      serving.stop()
    },
  }
}

/** Bytes of each idle connection. */
async function crowded({ server, load }: Modules): Promise<Reading> {
  const serving = await startLane(server, { flags: ['--expose-gc'] })
  const { port } = await serving.measure()
  const loading = await startLane(load, { args: [`${port}`] })
  try {
    await loading.measure()
    const before = await serving.measure()
    const { connections = Number.NaN } = await loading.measure()
    await sleep(SETTLE_MS)
    const after = await serving.measure()
    const each = (name: string): number => ((after[name] ?? Number.NaN) - (before[name] ?? Number.NaN)) / connections
    return { heap: each('heap'), rss: each('rss') }
  } finally {
    loading.stop()
    serving.stop()
  }
}

const sampled = (pairs: readonly Pair[], found: readonly (readonly Reading[])[], name: string): Samples =>
  Object.fromEntries(pairs.map(({ key }, i) => [key, (found[i] ?? []).map(each => each[name] ?? Number.NaN)]))

async function timed(kind: 'trips' | 'fan', names: readonly string[], plan: Plan): Promise<Record<string, Samples>> {
  const pairs = PAIRS[kind]
  const built = await Promise.all(pairs.map(pair => modules(kind, pair)))
  const found = await interleave(
    built.map(each => () => started(each)),
    { generations: plan.serverProcesses, warmUp: WARM_UP, rounds: plan.rounds, turns: plan.serverTurns },
    done => progress(`server, ${kind}`, done),
  )
  return Object.fromEntries(names.map(name => [`${kind}: ${name}`, sampled(pairs, found, name)]))
}

async function remembered(plan: Plan): Promise<Record<string, Samples>> {
  const pairs = PAIRS.crowd
  const built = await Promise.all(pairs.map(pair => modules('crowd', pair)))
  const found: Reading[][] = pairs.map(() => [])
  for (let round = 0; round < plan.serverProcesses; round++) {
    const readings = await Promise.all(built.map(crowded))
    for (const [i, reading] of readings.entries()) found[i]?.push(reading)
    progress('server, crowd', (round + 1) / plan.serverProcesses)
  }
  return { 'crowd: heap': sampled(pairs, found, 'heap'), 'crowd: rss': sampled(pairs, found, 'rss') }
}

async function measure(plan: Plan): Promise<Findings> {
  return {
    facts: serverVersions(),
    samples: {
      ...(await timed('trips', ['perSecond', 'ns'], plan)),
      ...(await timed('fan', ['one', 'perSecond', 'ns'], plan)),
      ...(await remembered(plan)),
    },
  }
}

/** Round by round, as a multiple of what the bare `ws` of the same round has. */
function ofBare(samples: Samples | undefined, { key }: Pair): number[] {
  const base = samples?.[WS.key] ?? []
  return (samples?.[key] ?? []).map((value, round) => ratio(value, base[round] ?? Number.NaN))
}

/** Two columns for each thing that was measured: what, and as a multiple of bare. */
interface Column {
  readonly head: string
  readonly name: string
  readonly digits?: number
  /** What one of the unit is, in that of the samples. */
  readonly unit?: number
}

function table(title: string, kind: Kind, columns: readonly Column[], { facts, samples }: Findings): Table {
  return {
    title,
    head: ['', ...columns.flatMap(({ head }) => [head, 'of bare'])],
    rows: PAIRS[kind].map(pair => [
      pair.name(facts),
      ...columns.flatMap(({ name, digits = 0, unit = 1 }) => {
        const found = samples[`${kind}: ${name}`]
        return [
          cell(
            (found?.[pair.key] ?? []).map(value => value / unit),
            digits,
          ),
          pair === WS ? '1' : cell(ofBare(found, pair), 2),
        ]
      }),
    ]),
  }
}

/** Our server beside a bare one and socket.io. */
export const server: Section = {
  name: 'server',
  measure,
  show(findings, source) {
    const { facts, samples } = findings
    const bars = (kind: Kind, name: string): Bar[] =>
      PAIRS[kind]
        .filter(pair => pair !== WS && pair !== WS_AGAIN)
        .map(pair => {
          const { p10, median: value, p90 } = spread(ofBare(samples[`${kind}: ${name}`], pair))
          return {
            label: pair.name(facts),
            tone: pair.tone,
            value,
            spread: [p10, p90],
            says: `${shown(value, 2)} times`,
          }
        })
    const of = (kind: Kind, name: string, pair: Pair): string =>
      shown(median(ofBare(samples[`${kind}: ${name}`], pair)), 2)
    const added = (pair: Pair): string => {
      const ns = samples['trips: ns'] ?? {}
      const over = (ns[pair.key] ?? []).map((value, round) => minus(value, ns[WS.key]?.[round] ?? Number.NaN))
      return shown(median(over) / 1_000, 1)
    }
    return {
      title: 'The server, beside a bare one and socket.io',
      lead: `\`sessionServer()\` with its log in memory, a \`ws\` server that sends back what it gets, and socket.io with \`connectionStateRecovery\`, WebSocket only; otherwise default options, in a process each. The load is a process too, and speaks each protocol over bare \`ws\` clients, so that it costs about the same. Payloads of 100 bytes. Ratios are to the bare server in the same round; the server's CPU travels better than throughput, which ends where the load does.`,
      charts: [
        barChart({
          name: 'server',
          title: 'What a server costs, beside a bare one',
          subtitle: 'CPU and memory of the server process as a multiple of a bare ws server. Less is better.',
          source,
          unit: 'times what the bare ws server takes',
          groups: [
            { title: 'CPU of a message and its answer', bars: bars('trips', 'ns') },
            { title: `CPU of an event to one of ${shown(SUBSCRIBERS)} subscribers`, bars: bars('fan', 'ns') },
            { title: 'heap of an idle connection', bars: bars('crowd', 'heap') },
          ],
        }),
      ],
      tables: [
        table(
          `Messages and their answers: ${CONNECTIONS} connections, ${IN_FLIGHT} in flight on each`,
          'trips',
          [
            { head: 'messages per s', name: 'perSecond' },
            { head: 'CPU of the server, µs per message', name: 'ns', digits: 1, unit: 1_000 },
          ],
          findings,
        ),
        table(
          `Fan-out: an event to ${shown(SUBSCRIBERS)} subscribers`,
          'fan',
          [
            { head: 'until all have one event, ms', name: 'one', digits: 1 },
            { head: `events received per s, ${IN_A_ROW} in a row`, name: 'perSecond' },
            { head: 'CPU of the server, µs per event and subscriber', name: 'ns', digits: 2, unit: 1_000 },
          ],
          findings,
        ),
        table(
          `Memory of an idle connection: ${shown(CROWD)} of them, ${SETTLE_MS / 1_000} s after the last one opened`,
          'crowd',
          [
            { head: 'heapUsed, bytes', name: 'heap' },
            { head: 'RSS, bytes', name: 'rss' },
          ],
          findings,
        ),
      ],
      notes: [
        `Noise: the second bare server has ${of('trips', 'perSecond', WS_AGAIN)} of the throughput of the first and ${of('trips', 'ns', WS_AGAIN)} of its CPU, in the fan-out ${of('fan', 'perSecond', WS_AGAIN)} and ${of('fan', 'ns', WS_AGAIN)}.`,
        `What ours does for a message: it checks the frame, compares its id with those of the last 2 minutes, appends it to the log, and only then says \`ok\`; the client may send it again over any number of connections and it is stored once. That is ${added(SESSION)} µs over the bare server. A request is answered with data, and the answer is kept for 2 minutes: ${added(REQUEST)} µs. The bounds of \`memoryLog()\` are raised here. By default it remembers 8,333 messages a second, or 930 answers of 100 bytes, for 2 minutes, and answers more with \`unavailable\`.`,
        `What socket.io does for one: it calls a handler, and an acknowledgement says that it was called (${added(SOCKET_IO)} µs). It is not stored, has no id and is delivered at most once unless the client is told to retry; then a handler may run twice, and deduplication is the app's. The bare server does not even read it.`,
        'What ours does for an event: it is appended to the log, with a number. Every subscriber acknowledges, here every 32 events, and has at most 256 on its way; what a slow one has not got stays in the log and not in its buffer. A page may be away for as long as the log reaches back, and on another server with the same log.',
        'What socket.io does for one: with `connectionStateRecovery` it keeps the packet in memory, adds an offset to it, and can send it again to a client that comes back within 2 minutes to the same process (other adapters share it). Nothing is acknowledged, and a slow reader is buffered without a bound.',
        'Ours writes what one tick has to say to a connection at once: that is why messages in flight together cost it less than one at a time would, and why events of the fan-out come in a tick each. socket.io makes one WebSocket frame for all sockets, through what `ws` keeps private; the others have `ws` make one for each.',
      ],
    }
  },
}
