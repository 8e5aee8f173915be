import { Agent, get } from 'node:http'
import { PAYLOADS } from '../payloads.ts'
import { type Dial, type Dialled, now } from '../serving/serving.ts'
import { lane } from './lane.ts'

/** Dials at a time: a backlog holds a few hundred. */
const BATCH = 50
const port = Number(process.argv[2])

async function dialled(count: number, dial: () => Promise<Dialled>): Promise<Dialled[]> {
  const clients: Dialled[] = []
  while (clients.length < count) {
    const more = Math.min(BATCH, count - clients.length)
    clients.push(...(await Promise.all(Array.from({ length: more }, dial))))
  }
  return clients
}

/** Messages that are answered: each of the connections keeps so many in flight until all of a turn are answered. */
export async function roundTrips(dial: Dial, connections: number, inFlight: number, messages: number): Promise<void> {
  let left = 0
  let owed = 0
  let done = (): void => {}
  const send = (client: Dialled): void => {
    if (left === 0) return
    left--
    client.send(PAYLOADS[left % PAYLOADS.length] ?? '')
  }
  const clients = await dialled(connections, async () => {
    const client = await dial(port, {
      answered() {
        if (--owed === 0) done()
        else send(client)
      },
      event: () => {},
    })
    return client
  })
  lane(async () => {
    left = messages
    owed = messages
    const over = new Promise<void>(resolve => {
      done = resolve
    })
    const begun = now()
    for (let i = 0; i < inFlight; i++) for (const client of clients) send(client)
    await over
    return { messages, perSecond: (messages / (now() - begun)) * 1_000 }
  })
}

/** Events to everybody: some that are published alone, until all have them, then some in a row. */
export async function fanOut(dial: Dial, connections: number, alone: number, inARow: number): Promise<void> {
  let owed = 0
  let begun = 0
  let done = (): void => {}
  await dialled(connections, () =>
    dial(port, {
      answered: () => {},
      event(at) {
        begun = Math.min(begun, at)
        if (--owed === 0) done()
      },
    }),
  )
  const agent = new Agent({ keepAlive: true })
  /** Publishes, and answers how long it took from the first one's publication until everybody had all of them, in ms. */
  const publish = (events: number): Promise<number> =>
    new Promise((resolve, reject) => {
      owed = events * connections
      begun = Infinity
      done = () => resolve(now() - begun)
      get({ port, host: '127.0.0.1', path: `/publish?events=${events}`, agent }, answer => answer.resume()).on(
        'error',
        reject,
      )
    })
  lane(async () => {
    let one = 0
    for (let i = 0; i < alone; i++) one += (await publish(1)) / alone
    const row = await publish(inARow)
    return {
      messages: (alone + inARow) * connections,
      one,
      perSecond: ((inARow * connections) / row) * 1_000,
    }
  })
}

/** Connections that do nothing: some that the server is warmed up with, and the others at the second measurement. */
export function crowd(dial: Dial, warm: number, count: number): void {
  let begun = false
  lane(async () => {
    const more = begun ? count : warm
    begun = true
    await dialled(more, () => dial(port, { answered: () => {}, event: () => {} }))
    return { connections: more }
  })
}
