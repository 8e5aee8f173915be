// A process of its own: thousands of messages that wait, and what is left of them while their sockets live on.
import { type OutboxOptions, ResilientWebSocket } from '../../src/index.ts'
import { accepts, type Behaviour, hangs, virtualClock } from '../../src/testing/index.ts'
import { census } from './census.ts'
import { forgetfulServer } from './forgetful-server.ts'
import { readHere } from './read-here.ts'
import { complaints, type Reading } from './reading.ts'

export interface MessagesPlan {
  /** Of each kind, in each of the two rounds. */
  readonly messages: number
  /** One handle in ten is kept, as by an outbox that does not forget. */
  readonly planted: boolean
}

const TTL_MS = 1_000
/** To cancel one is to look for it. */
const CANCELLED = 200
const HEAP_BYTES = 200_000

async function main(): Promise<void> {
  const { messages, planted }: MessagesPlan = JSON.parse(process.argv[2] ?? '')
  const { counts, note } = census()
  const clock = virtualClock({ rolls: [0.5] })
  let behaviour: Behaviour = hangs()
  const { WebSocket } = forgetfulServer(clock, () => behaviour)
  const made = (outbox: OutboxOptions): ResilientWebSocket =>
    new ResilientWebSocket('wss://feed.example/live', [], {
      clock,
      WebSocket,
      connectTimeoutMs: Infinity,
      outbox: { maxBytes: Infinity, ...outbox },
    })
  const roomy = made({ maxMessages: messages })
  const narrow = [
    made({ maxMessages: 10, overflow: 'drop-oldest' }),
    made({ maxMessages: 10, overflow: 'drop-newest' }),
  ]
  const kept: object[] = []

  /** Lets messages wait; answers what would cancel them. */
  function fill(socket: ResilientWebSocket, kind: string, count = messages): readonly (() => boolean)[] {
    return Array.from({ length: count }, (_, index) => {
      const handle = socket.send(new Uint8Array(64), kind === 'expired' ? { ttlMs: TTL_MS } : {})
      if (handle.state === 'sent') throw new Error('It did not wait.')
      note(kind, handle)
      if (planted && index % 10 === 0) kept.push(handle)
      return () => handle.cancel()
    })
  }

  async function round(): Promise<void> {
    behaviour = hangs()
    roomy.reconnect()
    await clock.advance(0)
    fill(roomy, 'expired')
    await clock.advance(TTL_MS)
    for (const cancel of fill(roomy, 'cancelled', CANCELLED)) cancel()
    for (const socket of narrow) fill(socket, 'dropped')
    fill(roomy, 'discarded')
    roomy.close()
    await clock.advance(0)
    behaviour = accepts()
    roomy.reconnect()
    fill(roomy, 'sent')
    await clock.advance(10_000)
    if (roomy.status.queued.messages) throw new Error('They were not sent.')
  }

  const read = (): Promise<Reading> => readHere(counts, () => clock.timers)
  await round()
  const early = await read()
  await round()
  process.send?.(complaints([early, early, await read()], HEAP_BYTES), () => process.exit())
}

main()
