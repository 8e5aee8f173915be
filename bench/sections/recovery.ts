import { type BarGroup, barChart } from '../charts/bars.ts'
import type { Findings } from '../findings.ts'
import type { Plan } from '../plan.ts'
import { progress } from '../progress.ts'
import { FAULTS, type Fault } from '../recovery/faults.ts'
import { watch } from '../recovery/watch.ts'
import type { Section } from '../section.ts'
import { quantile, spread } from '../statistics.ts'
import { ASKING, PEERS, type Subject } from '../subjects.ts'
import { shown, verdict } from '../table.ts'

const SUBJECTS = [ASKING, ...PEERS]
const LIMIT_IDLE_S = 20
const LIMIT_TRAFFIC_S = 8
/** What nobody is told of: only a heartbeat finds it. */
const SILENT = ['idle', 'traffic', 'wake']

const isSilent = ({ key }: Fault): boolean => SILENT.includes(key)

async function measure(plan: Plan): Promise<Findings> {
  progress('recovery', 0)
  const samples = await watch(SUBJECTS, plan)
  progress('recovery', 1)
  return { facts: { watched: `${plan.watchMs / 1_000}`, victims: `${plan.victims}` }, samples }
}

/** Detection and recovery over the fault proxy. */
export const recovery: Section = {
  name: 'recovery',
  measure,
  show({ facts, samples }, source) {
    const beyond = `not within ${facts.watched} s`
    const seconds = ({ key }: Fault, what: 'known' | 'through', subject: Subject): number[] =>
      (samples[`${key}: ${what}`]?.[subject.key] ?? []).map(ms => ms / 1_000)
    const worded = (value: number): string => (value < Infinity ? shown(value, value < 0.1 ? 3 : 1) : beyond)
    const timed = (values: readonly number[]): string => {
      const { p10, median, p90 } = spread(values)
      if (p10 === Infinity) return beyond
      return `${worded(median)} (${worded(p10)} to ${worded(p90)})`
    }
    const group = (fault: Fault, what: 'known' | 'through', budget?: number): BarGroup => ({
      title: fault.title,
      bars: SUBJECTS.map(subject => {
        const { p10, median, p90 } = spread(seconds(fault, what, subject))
        return {
          label: subject.name,
          tone: subject.tone,
          value: median,
          spread: [p10, p90] as const,
          says: median < Infinity ? `${worded(median)} s` : beyond,
        }
      }),
      ...(budget === undefined ? {} : { budget: { value: budget, says: `budget: at most ${budget} s` } }),
    })
    const most = (key: string): number =>
      Math.max(...FAULTS.filter(fault => fault.key === key).map(fault => quantile(seconds(fault, 'known', ASKING), 1)))
    const budgets: Readonly<Record<string, number>> = { idle: LIMIT_IDLE_S, traffic: LIMIT_TRAFFIC_S }
    const table = (title: string, what: 'known' | 'through') => ({
      title,
      head: ['', ...SUBJECTS.map(({ name }) => name)],
      rows: FAULTS.map(fault => [fault.title, ...SUBJECTS.map(subject => timed(seconds(fault, what, subject)))]),
    })
    return {
      title: 'Detection and recovery',
      lead: `Seconds from the fault, in real time, over a proxy that breaks connections on purpose; ${facts.victims} clients per library and fault, each with a copy of its library as a page load makes it, on undici's WebSocket, which is the global one of Node 22. Holdfast has \`heartbeat: ping()\`; the others have no heartbeat. websocket-ts is as in its quickstart. The clients were opened over 15 s, so that the heartbeats are at different points. Watched for ${facts.watched} s.`,
      charts: [
        barChart({
          name: 'detection',
          title: 'How long a client believes in a dead connection',
          subtitle:
            'Seconds from the fault until the client knows. Nothing tells it: only a heartbeat finds out. Less is better.',
          source,
          unit: 'seconds',
          to: Number(facts.watched),
          groups: FAULTS.filter(isSilent).map(fault => group(fault, 'known', budgets[fault.key])),
        }),
        barChart({
          name: 'recovery',
          title: 'How long until a message gets through again',
          subtitle: 'Seconds from a fault that the client is told of, by TCP or by a close frame. Less is better.',
          source,
          unit: 'seconds',
          groups: FAULTS.filter(fault => !isSilent(fault)).map(fault => group(fault, 'through')),
        }),
      ],
      tables: [table('Until the client knows', 'known'), table('Until a message gets through again', 'through')],
      notes: [
        verdict('a dead connection is found when idle, s, at the latest', most('idle'), LIMIT_IDLE_S, 'at most', 1),
        verdict(
          'a dead connection is found under traffic, s, at the latest',
          most('traffic'),
          LIMIT_TRAFFIC_S,
          'at most',
          1,
        ),
      ],
    }
  },
}
