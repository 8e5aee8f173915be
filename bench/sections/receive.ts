import type { Plan } from '../plan.ts'
import { spread } from '../statistics.ts'
import { ALL, BARE, HOLDFAST, type Subject, WEBSOCKET_TS } from '../subjects.ts'
import { cell, type Table, verdict } from '../table.ts'
import { against, cpu, minus, type Samples } from './cpu.ts'

const LIMIT_NS = 110

/** CPU per received message in Node. */
export async function receive(plan: Plan): Promise<Table[]> {
  const { passes } = plan
  const withAttribute = ALL.filter(subject => subject !== WEBSOCKET_TS)
  const listener = await cpu('receive', 'receiveSynthetic', `'listener', ${passes}`, ALL, plan)
  const attribute = await cpu('receive', 'receiveSynthetic', `'attribute', ${passes}`, withAttribute, plan)
  const ws = await cpu('receive', 'receiveWs', `'listener', ${Math.ceil(passes / 3)}`, ALL, plan)
  const clock = await cpu('clock', 'clock', `${passes * 64}`, [BARE], plan)
  const shown = (samples: Samples, subject: Subject): string => {
    if (!samples.has(subject)) return 'has none'
    if (subject === BARE) return `${cell(samples.get(BARE) ?? [])} in all`
    return cell(against(samples, subject, BARE, minus))
  }
  const over = spread(against(listener, HOLDFAST, BARE, minus)).median
  return [
    {
      title: 'Receive: CPU per message in Node',
      section: 'receive',
      lead: 'Nanoseconds of CPU per message of 100 bytes over the bare socket in the same round; the first row is the bare socket itself. Median (p10 to p90 over rounds).',
      head: ['', 'EventTarget, addEventListener', 'EventTarget, onmessage', '`ws` class, addEventListener'],
      rows: ALL.map(subject => [subject.name, ...[listener, attribute, ws].map(samples => shown(samples, subject))]),
      notes: [
        verdict('ns over bare on an EventTarget', over, LIMIT_NS, 'at most'),
        `Holdfast also reads the clock for every message, so that \`lastMessageAt\` and the heartbeat do not lie. One \`Date.now()\` in this run: ${cell(clock.get(BARE) ?? [])} ns.`,
      ],
    },
  ]
}
