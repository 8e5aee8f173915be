// What a run came to, in lines for people.
import type { Ledger, Violation, Wrong } from './ledger.ts'
import type { SoakResult } from './soak.ts'

const WRONGS: readonly Wrong[] = [
  'lost',
  'doubled',
  'out of order',
  'gap',
  'another event',
  'undelivered',
  'stuck',
  'closed for good',
  'not open',
]
const FAULTS: Readonly<Record<string, string>> = {
  rst: 'RST',
  fin: 'FIN without a close frame',
  close: 'close codes',
  blackhole: 'black hole',
  stall: 'stall',
  latency: 'latency',
  expiry: 'token expiry',
  handover: 'handover',
  kill: 'node kill -9',
  drain: 'drain',
  redis: 'Redis restart',
}
/** Violations that are printed in full. */
const MOST_SHOWN = 20

const number = (value: number): string => value.toLocaleString('en-US')

/** What was counted of messages. */
export function messageLines(ledger: Ledger): readonly string[] {
  const wrongs = WRONGS.map(wrong => `${ledger.count(wrong)} ${wrong}`).join(', ')
  return [`messages: ${number(ledger.sent)} sent, ${number(ledger.received)} received`, `violations: ${wrongs}`]
}

export function soakLines({ plan, ledger, seconds, closes, handovers }: SoakResult): readonly string[] {
  const rows = plan.kinds.map(kind => {
    const { hits, greetings, misses } = plan.count(kind)
    const columns = [hits, greetings, misses].map(each => number(each).padStart(10)).join('')
    return `${(FAULTS[kind] ?? kind).padEnd(28)}${columns}`
  })
  const codes = [...closes].sort(([a], [b]) => a - b).map(([code, count]) => `${code}: ${number(count)}`)
  return [
    `${'fault'.padEnd(28)}${['hits', 'greetings', 'misses'].map(each => each.padStart(10)).join('')}`,
    ...rows,
    `${'all'.padEnd(28)}${number(plan.hits).padStart(10)}`,
    `connections lost, by close code: ${codes.join(', ')}; handed over: ${number(handovers)}`,
    ...messageLines(ledger),
    `${seconds.toFixed(0)} s`,
  ]
}

/** To find out why. */
export function violationLines(violations: readonly Violation[]): readonly string[] {
  const shown = violations
    .slice(0, MOST_SHOWN)
    .flatMap(({ wrong, client, topic, seq, what, connections }) => [
      `client ${client}, ${topic || 'no topic'}${seq === null ? '' : `, ${seq}`}: ${wrong}: ${what}`,
      ...connections.map(line => `    ${line}`),
    ])
  const left = violations.length - MOST_SHOWN
  return left > 0 ? [...shown, `… and ${left} more`] : shown
}
