import { type Limits, limitsOf } from '../../src/server/limits.ts'
import { Metrics } from '../../src/server/metrics.ts'
import { type Happening, recorded } from '../../src/server/records.ts'
import { table } from '../markdown.ts'

const MEANINGS: Readonly<Record<keyof Limits, string>> = {
  messageBytes: 'bytes of the data of a message. Told to clients',
  inFlight: 'messages of a connection without an answer. Told to clients',
  unacked: 'events on their way to a connection that it has not acknowledged. Told to clients',
  dedupeMs:
    'how long the id of a message is remembered: the longest absence after which a resend is recognised. Told to clients',
  topics: 'topics of a connection',
  connections: 'connections to this server; then handshakes and requests are answered 503',
  connectionsPerIdentity: 'connections of an identity; then 4301',
  connectionsPerAddress:
    'connections of an address, or of an IPv6 /64; then 4302. Offices and mobile networks share one',
  bufferedBytes: 'bytes that wait for a slow reader; events beyond stay in the log',
  slowMs: 'how long so many may wait before 4001',
  handlerMs: 'how long a hook may take for a message; then `timeout`, and the next one is handled',
}

export function limits(): string {
  const rows = Object.entries(limitsOf()).map(([name, value]) => [
    `\`${name}\``,
    value === Number.POSITIVE_INFINITY ? 'none' : value.toLocaleString('en-US'),
    Object.entries(MEANINGS).find(([key]) => key === name)?.[1] ?? '',
  ])
  return table(['limit', 'default', 'what it bounds'], rows)
}

/** The families of the text that a server would show. */
export function metrics(): string {
  const text = new Metrics().text({
    connections: 0,
    sockets: 0,
    topics: 0,
    bufferedBytes: 0,
    logAvailable: true,
    draining: false,
  })
  const rows = [...text.matchAll(/^# HELP (\S+) (.+)\n# TYPE \S+ (\S+)$/gm)].map(([, name, help, type]) => [
    `\`${name}\``,
    `${type}`,
    `${help}`,
  ])
  if (rows.length === 0) throw new Error('No metric was found: the pattern no longer matches.')
  return table(['metric', 'type', 'what it counts'], rows)
}

const HAPPENINGS: readonly Happening[] = [
  { type: 'open', transport: 'websocket', conn: '4f2a', identity: 'ada', address: '203.0.113.7', topics: 2 },
  {
    type: 'close',
    transport: 'websocket',
    conn: '4f2a',
    identity: 'ada',
    address: '203.0.113.7',
    code: 4201,
    reason: 'credentials expired',
    by: 'server',
    lifeMs: 900_204,
    framesIn: 1_204,
    framesOut: 88,
  },
  {
    type: 'refused',
    transport: 'websocket',
    address: '198.51.100.23',
    status: 403,
    why: 'Origin "https://evil.example" is not among `origins`',
  },
  { type: 'open', transport: 'stream', conn: '9c01', identity: 'bob', address: '203.0.113.8', topics: 1 },
  {
    type: 'close',
    transport: 'poll',
    conn: '77d0',
    address: '203.0.113.9',
    code: 4200,
    reason: 'refresh',
    by: 'server',
    lifeMs: 12,
    framesIn: 1,
    framesOut: 0,
  },
  { type: 'refused', transport: 'send', address: '203.0.113.9', status: 413, why: 'the body is too big' },
  { type: 'failed', where: 'a hook', conn: '4f2a', error: new TypeError('its text is in `error` alone') },
  { type: 'log', available: false },
  { type: 'drain', connections: 1_000, withinMs: 25_000 },
]

export function lines(): string {
  return ['```text', ...HAPPENINGS.map(happening => recorded(happening, 0).line), '```'].join('\n')
}
