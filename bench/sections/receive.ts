import { barChart } from '../charts/bars.ts'
import type { Findings, Samples } from '../findings.ts'
import type { Plan } from '../plan.ts'
import type { Section } from '../section.ts'
import { median, spread } from '../statistics.ts'
import { BARE, CONTROL, CONTROLLED, HOLDFAST, type Subject, WEBSOCKET_TS } from '../subjects.ts'
import { cell, shown, verdict } from '../table.ts'
import { against, clockReadings, cpu, cpuCells, cpuHead, measuredIn, minus, noise } from './cpu.ts'

const LIMIT_NS = 110

const WAYS = {
  listener: 'an EventTarget, addEventListener',
  attribute: 'an EventTarget, onmessage',
  ws: 'the `ws` class, addEventListener',
  undici: "undici's class, addEventListener",
} as const

async function measure(plan: Plan): Promise<Findings> {
  const { passes } = plan
  const withAttribute = CONTROLLED.filter(subject => subject !== WEBSOCKET_TS)
  const few = Math.ceil(passes / 2)
  return {
    facts: {},
    samples: {
      listener: await cpu('receive', 'synthetic', `'listener', ${passes}`, CONTROLLED, plan),
      attribute: await cpu('receive', 'synthetic', `'attribute', ${passes}`, withAttribute, plan),
      ws: await cpu('receive', 'ws', `'listener', ${few}`, CONTROLLED, plan),
      undici: await cpu('receive', 'undici', `'listener', ${few}`, CONTROLLED, plan),
      clock: await clockReadings(passes * 64, plan),
    },
  }
}

const compared = (samples: Samples): readonly Subject[] =>
  measuredIn(samples).filter(subject => subject !== BARE && subject !== CONTROL)

/** CPU per received message in Node. */
export const receive: Section = {
  name: 'receive',
  measure,
  show({ samples }, source) {
    const { clock = {}, ...lanes } = samples
    const over = (ways: Samples, subject: Subject): number[] => against(ways, subject, BARE, minus)
    const bars = (ways: Samples) =>
      compared(ways).map(subject => {
        const { p10, median: value, p90 } = spread(over(ways, subject))
        return {
          label: subject.name,
          tone: subject.tone,
          value,
          spread: [p10, p90] as const,
          says: `${shown(value)} ns`,
        }
      })
    const { listener = {}, ws = {}, undici = {} } = lanes
    return {
      title: 'Receive: CPU per message in Node',
      lead: 'Nanoseconds of CPU per message of 100 bytes, garbage collection included: in all, over the bare socket of the same round, and as a multiple of what the wrapper of the same round takes in all.',
      charts: [
        barChart({
          name: 'receive',
          title: 'What receiving a message costs over the bare WebSocket',
          subtitle:
            'CPU in Node, messages of 100 bytes, addEventListener. Less is better. Two of the libraries hand the native event on, with the wrong target.',
          source,
          unit: 'ns of CPU per message, over bare',
          groups: [
            {
              title: 'on an EventTarget',
              bars: bars(listener),
              budget: { value: LIMIT_NS, says: `budget: at most ${LIMIT_NS} ns` },
            },
            { title: 'on the `ws` class', bars: bars(ws) },
            { title: "on undici's class", bars: bars(undici) },
          ],
        }),
      ],
      tables: Object.entries(WAYS).map(([key, title]) => {
        const ways = lanes[key] ?? {}
        return {
          title: `On ${title}`,
          head: cpuHead,
          rows: measuredIn(ways).map(subject => [subject.name, ...cpuCells(ways, subject)]),
        }
      }),
      notes: [
        verdict('ns over bare on an EventTarget', median(over(listener, HOLDFAST)), LIMIT_NS, 'at most'),
        `Noise: the second bare socket differs from the first by ${shown(100 * noise(listener), 1)} % on an EventTarget, ${shown(100 * noise(ws), 1)} % with \`ws\`, ${shown(100 * noise(undici), 1)} % with undici.`,
        `Holdfast also reads the clock for every message, so that \`lastMessageAt\` and the heartbeat do not lie. One \`Date.now()\` in this run: ${cell(clock[BARE.key] ?? [])} ns.`,
      ],
    }
  },
}
