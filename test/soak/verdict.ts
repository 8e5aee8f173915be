// After the last fault: whether everybody has everything, once, in order, and the log holds what was sent.
import { setTimeout as after } from 'node:timers/promises'
import type { RedisServer } from '../server/redis-server.ts'
import type { SoakClient } from './client.ts'
import { type Ledger, type Payload, stored } from './ledger.ts'
import { isQuiet, progress, received } from './progress.ts'

const EVERY_MS = 100
/** For so many looks in a row: the last message is stored before it is seen. */
const LOOKS = 5

/** Waits until everything that was under way has arrived, as long as something does. */
export async function settled(clients: readonly SoakClient[], ledger: Ledger): Promise<void> {
  const watch = progress(client => received(client) - client.unanswered())
  for (let looks = 0; looks < LOOKS; await after(EVERY_MS)) {
    const waiting = clients.filter(client => !isQuiet(client, ledger))
    looks = waiting.length ? 0 : looks + 1
    const stuck = watch.stuck(waiting)
    for (const client of stuck) client.stuck()
    if (stuck.length) return
  }
}

/** Every topic of the log against what was sent to it and what was received of it. */
export async function verify(
  clients: readonly SoakClient[],
  ledger: Ledger,
  redis: Pick<RedisServer, 'client'>,
): Promise<void> {
  const topics = new Set(clients.flatMap(client => client.topics))
  for (const topic of topics) {
    const events = await stored(redis, topic)
    for (const client of clients.filter(each => each.topics.includes(topic))) {
      checkSent(client, topic, events)
      checkReceived(client, topic, events, ledger)
    }
  }
  for (const client of clients) {
    const open = client.unanswered()
    if (open) client.wrong('undelivered', '', null, `${open} messages are still without an answer`)
  }
}

/** Each of its messages once, in its order. */
function checkSent(client: SoakClient, topic: string, events: readonly Payload[]): void {
  let last = 0
  events.forEach(({ by, n }, index) => {
    if (by !== client.number) return
    if (n > last + 1) client.wrong('lost', topic, index + 1, `messages ${last + 1} to ${n - 1} are not in the log`)
    if (n <= last) client.wrong('doubled', topic, index + 1, `message ${n} is in the log again, after ${last}`)
    last = Math.max(last, n)
  })
  const sent = client.sent.get(topic) ?? 0
  if (last < sent) client.wrong('lost', topic, null, `messages ${last + 1} to ${sent} are not in the log`)
}

/** All of them: doubles and disorder were seen as they came, and the content of each by whoever came first. */
function checkReceived(client: SoakClient, topic: string, events: readonly Payload[], ledger: Ledger): void {
  for (const seq of client.missing(topic)) client.wrong('lost', topic, seq, 'jumped over, and never received')
  const reached = client.reached(topic)
  if (reached < events.length) {
    client.wrong('lost', topic, reached + 1, `${reached + 1} to ${events.length} were never received`)
  }
  events.forEach((payload, index) => {
    const other = ledger.differs(topic, index + 1, payload)
    if (other)
      client.wrong(
        'another event',
        topic,
        index + 1,
        `the log has message ${payload.n} of ${payload.by}, ${other} was received`,
      )
  })
}
