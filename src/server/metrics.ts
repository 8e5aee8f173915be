/** Upper bounds of the lifetimes of connections, in seconds: from one that never settled to a day. */
const LIFETIMES = [1, 10, 60, 600, 3_600, 21_600, 86_400]

/** What is counted, and what it means. */
const COUNTERS = {
  messages_in_total: 'Messages of clients that arrived, resends and refused ones included.',
  messages_stored_total: 'Messages of clients that were appended to the log.',
  messages_duplicate_total: 'Messages that were known already: a resend after a break.',
  requests_answered_total: 'Requests that were answered.',
  published_total: 'Events that the server itself published.',
  events_out_total: 'Events that were sent.',
  acks_total: 'Acknowledgements of events.',
  subscriptions_resumed_total: 'Subscriptions that went on from their cursor.',
  subscriptions_fresh_total: 'Subscriptions without a cursor.',
} as const

/** What is counted by a label. */
const LABELLED = {
  connections_opened_total: ['transport', 'Connections that were welcomed.'],
  http_requests_total: ['transport', 'Requests that poll or send, and were welcomed.'],
  closes_total: ['code', 'Connections that ended, and requests that were closed by this server, by close code.'],
  handshakes_refused_total: ['status', 'Handshakes and requests that were refused with an HTTP status.'],
  refused_total: ['code', 'Messages, topics and frames that were answered with `err`, by its code.'],
  gaps_total: ['reason', 'Gaps that clients were told of, by reason.'],
} as const

export type Counter = keyof typeof COUNTERS
export type Labelled = keyof typeof LABELLED

/** What stands at the moment. */
export interface Gauges {
  readonly connections: number
  readonly sockets: number
  readonly topics: number
  readonly bufferedBytes: number
  readonly logAvailable: boolean
  readonly draining: boolean
}

/** Label values beyond this are counted as `other`: a code may be the app's own. */
const MOST_VALUES = 100

const escaped = (value: string): string => value.replace(/[\\"\n]/g, found => (found === '\n' ? '\\n' : `\\${found}`))

/** Counters of one server, and their text [Prometheus exposition format 0.0.4]. */
export class Metrics {
  readonly #counts = new Map<Counter, number>()
  readonly #labelled = new Map<Labelled, Map<string, number>>()
  readonly #lifetimes: number[] = LIFETIMES.map(() => 0)
  #lives = 0
  #lived = 0

  add(counter: Counter): void {
    this.#counts.set(counter, (this.#counts.get(counter) ?? 0) + 1)
  }

  addTo(counter: Labelled, value: string | number): void {
    const values = this.#labelled.get(counter) ?? new Map<string, number>()
    this.#labelled.set(counter, values)
    const label = values.has(`${value}`) || values.size < MOST_VALUES ? `${value}` : 'other'
    values.set(label, (values.get(label) ?? 0) + 1)
  }

  lived(ms: number): void {
    this.#lives++
    this.#lived += ms / 1_000
    LIFETIMES.forEach((most, index) => {
      if (ms / 1_000 <= most) this.#lifetimes[index] = (this.#lifetimes[index] ?? 0) + 1
    })
  }

  text({ connections, sockets, topics, bufferedBytes, logAvailable, draining }: Gauges): string {
    const lines: string[] = []
    const family = (name: string, type: string, help: string): string => {
      lines.push(`# HELP holdfast_${name} ${help}`, `# TYPE holdfast_${name} ${type}`)
      return `holdfast_${name}`
    }
    const gauge = (name: string, help: string, value: number): void => {
      lines.push(`${family(name, 'gauge', help)} ${value}`)
    }
    gauge('connections', 'Connections that are welcomed and live, waiting polls among them.', connections)
    gauge('sockets', 'WebSockets and requests, those before hello and those that close included.', sockets)
    gauge('topics', 'Topics that somebody on this server is subscribed to.', topics)
    gauge('buffered_bytes', 'Bytes that wait for slow readers.', bufferedBytes)
    gauge('log_available', '1 while the log can be reached.', Number(logAvailable))
    gauge('draining', '1 while the server is being drained.', Number(draining))
    for (const [name, help] of Object.entries(COUNTERS)) {
      const value = [...this.#counts].find(([counter]) => counter === name)?.[1] ?? 0
      lines.push(`${family(name, 'counter', help)} ${value}`)
    }
    for (const [name, [label, help]] of Object.entries(LABELLED)) {
      const of = family(name, 'counter', help)
      const values = [...this.#labelled].find(([counter]) => counter === name)?.[1] ?? []
      for (const [value, count] of values) lines.push(`${of}{${label}="${escaped(value)}"} ${count}`)
    }
    const lifetime = family('connection_lifetime_seconds', 'histogram', 'How long connections lived.')
    LIFETIMES.forEach((most, index) => {
      lines.push(`${lifetime}_bucket{le="${most}"} ${this.#lifetimes[index]}`)
    })
    lines.push(`${lifetime}_bucket{le="+Inf"} ${this.#lives}`)
    lines.push(`${lifetime}_sum ${this.#lived}`, `${lifetime}_count ${this.#lives}`)
    return `${lines.join('\n')}\n`
  }
}
