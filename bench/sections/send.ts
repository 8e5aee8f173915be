import type { Plan } from '../plan.ts'
import { spread } from '../statistics.ts'
import { ALL, BARE, HOLDFAST, type Subject } from '../subjects.ts'
import { cell, type Table, verdict } from '../table.ts'
import { against, cpu, minus, type Samples } from './cpu.ts'

const LEAST = 0.97

const share = (value: number, base: number): number => base / value

/** Send throughput in Node. */
export async function send(plan: Plan): Promise<Table[]> {
  const { passes } = plan
  const synthetic = await cpu('send', 'sendSynthetic', `${passes}`, ALL, plan)
  const ws = await cpu('send', 'sendWs', `${Math.ceil(passes / 2)}`, ALL, plan)
  const shown = (samples: Samples, subject: Subject): string[] =>
    subject === BARE
      ? ['1', `${cell(samples.get(BARE) ?? [])} in all`]
      : [cell(against(samples, subject, BARE, share), 3), cell(against(samples, subject, BARE, minus))]
  const of = (samples: Samples): number => spread(against(samples, HOLDFAST, BARE, share)).median
  return [
    {
      title: 'Send: throughput in Node',
      section: 'send',
      lead: 'Throughput as a share of that of the bare socket in the same round, and nanoseconds of CPU per message over it; messages of 100 bytes. Median (p10 to p90 over rounds).',
      head: ['', 'synthetic: share', 'ns over bare', '`ws`: share', 'ns over bare'],
      rows: ALL.map(subject => [subject.name, ...shown(synthetic, subject), ...shown(ws, subject)]),
      notes: [
        verdict('share of bare, synthetic', of(synthetic), LEAST, 'at least', 3),
        verdict('share of bare, `ws`', of(ws), LEAST, 'at least', 3),
      ],
    },
  ]
}
