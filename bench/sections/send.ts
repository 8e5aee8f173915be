import { barChart } from '../charts/bars.ts'
import type { Findings, Samples } from '../findings.ts'
import type { Plan } from '../plan.ts'
import type { Section } from '../section.ts'
import { median, spread } from '../statistics.ts'
import { BARE, CONTROL, CONTROLLED, HOLDFAST, type Subject } from '../subjects.ts'
import { cell, shown, verdict } from '../table.ts'
import { WIRES } from '../wires/wire.ts'
import { against, cpu, cpuCells, cpuHead, measuredIn, noise, share } from './cpu.ts'

const LEAST = 0.97

const TITLES = {
  synthetic: 'a socket that only encodes and masks',
  ws: 'the `ws` class',
  undici: "undici's class",
} as const

async function measure(plan: Plan): Promise<Findings> {
  const samples: Record<string, Samples> = {}
  for (const wire of WIRES) {
    const passes = wire === 'synthetic' ? plan.passes : Math.ceil(plan.passes / 2)
    samples[wire] = await cpu('send', wire, `${passes}`, CONTROLLED, plan)
  }
  return { facts: {}, samples }
}

/** Send throughput in Node. */
export const send: Section = {
  name: 'send',
  measure,
  show({ samples }, source) {
    const shares = (lane: Samples, subject: Subject): number[] => against(lane, subject, BARE, share)
    return {
      title: 'Send: throughput in Node',
      lead: 'Nanoseconds of CPU per message of 100 bytes, and throughput as a share of that of the bare socket of the same round.',
      charts: [
        barChart({
          name: 'send',
          title: 'How much of the throughput of the bare WebSocket is left',
          subtitle: 'Messages of 100 bytes sent per second of CPU in Node, as a share of bare. More is better.',
          source,
          unit: 'share of the throughput of bare',
          groups: WIRES.map(wire => ({
            title: `on ${TITLES[wire]}`,
            bars: CONTROLLED.filter(subject => subject !== BARE && subject !== CONTROL).map(subject => {
              const { p10, median: value, p90 } = spread(shares(samples[wire] ?? {}, subject))
              return {
                label: subject.name,
                tone: subject.tone,
                value,
                spread: [p10, p90] as const,
                says: shown(value, 3),
              }
            }),
            budget: { value: LEAST, says: `budget: at least ${LEAST}` },
          })),
        }),
      ],
      tables: WIRES.map(wire => {
        const lane = samples[wire] ?? {}
        return {
          title: `On ${TITLES[wire]}`,
          head: [...cpuHead, 'share of bare'],
          rows: measuredIn(lane).map(subject => [
            subject.name,
            ...cpuCells(lane, subject),
            subject === BARE ? '1' : cell(shares(lane, subject), 3),
          ]),
        }
      }),
      notes: WIRES.flatMap(wire => {
        const lane = samples[wire] ?? {}
        return [
          verdict(`share of bare, on ${TITLES[wire]}`, median(shares(lane, HOLDFAST)), LEAST, 'at least', 3),
          `Noise there: the second bare socket differs from the first by ${shown(100 * noise(lane), 1)} %.`,
        ]
      }),
    }
  },
}
