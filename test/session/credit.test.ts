import { expect, it } from 'vitest'
import type { ScriptedConnection } from '../../src/testing/index.ts'
import { send } from './session-server.ts'
import { type SessionStory, told } from './told.ts'

const limits = { unacked: 16 }

interface Second extends SessionStory {
  /** Says something on the second connection. */
  say(frame: object): void
  /** What was acknowledged on it. */
  readonly acks: readonly unknown[]
}

/** A story in which the second connection is greeted by hand. */
async function secondByHand(): Promise<Second> {
  let hellos = 0
  let second: ScriptedConnection | undefined
  const acks: unknown[] = []
  const story = await told(
    {},
    {
      limits,
      instead(frame, connection) {
        if (frame.t === 'hello' && ++hellos === 2) second = connection
        if (connection === second && frame.t === 'ack') acks.push(frame.seq)
        return connection === second
      },
    },
  )
  const say = (frame: object): void => {
    if (!second) throw new Error('Expected a second connection.')
    send(second, frame)
  }
  return { ...story, say, acks }
}

const welcome = { t: 'welcome', conn: '', now: 0, heartbeatMs: 15_000, limits }
const subbed = (topic: string, seq: number): object => ({ t: 'subbed', topic, epoch: 'e1', seq, recovered: true })

it('is given credit for what it handled while its connection was still being greeted', async () => {
  const { clock, socket, server, say, acks } = await secondByHand()
  socket.topic('orders').on(() => {})
  await clock.advance(0)
  server.open[0]?.reset()
  await clock.advance(5_000)
  say(welcome)
  say(subbed('default', 40))
  for (let seq = 1; seq <= limits.unacked; seq++) say({ t: 'event', topic: 'default', epoch: 'e1', seq, data: seq })
  await clock.advance(2_000)
  expect(acks).toEqual([])
  say(subbed('orders', 0))
  await clock.advance(0)
  expect(acks).toEqual([16])
})

it('tells the second connection what it acknowledged to the first meanwhile', async () => {
  const { log, clock, socket, say, acks } = await secondByHand()
  socket.handover()
  await clock.advance(0)
  for (let each = 1; each <= 40; each++) log.publish('default', each)
  await clock.advance(2_000)
  expect(log.said('ack').at(-1)).toMatchObject({ seq: 40 })
  say(welcome)
  say(subbed('default', 40))
  await clock.advance(0)
  expect(acks).toEqual([40])
})
