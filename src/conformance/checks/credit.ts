import { CLAMPS, type Cursor } from '../../session/frames.ts'
import type { Checks } from '../check.ts'
import type { Frame } from '../connection.ts'
import { Broken, NotOffered } from '../outcome.ts'
import { expectRun, type Visit } from '../visit.ts'
import type { World } from '../world.ts'

/** More events than that take too long to cause. */
const MOST = 2_048
/** How far beyond the credit events are caused. */
const BEYOND = 5

function creditOf({ welcome }: Visit): number {
  const unacked = welcome.limits?.unacked ?? CLAMPS.unacked[2]
  if (unacked > MOST) throw new NotOffered(`limits.unacked is ${unacked}: more events than this script causes`)
  return unacked
}

/** Causes more events than a connection may have unacknowledged. */
async function flood(world: World): Promise<{ witness: Visit; cursor: Cursor; credit: number; last: Frame<'event'> }> {
  const witness = await world.witness()
  const credit = creditOf(witness)
  const [first, ...others] = await world.cause(witness, credit + BEYOND + 1)
  const { epoch, seq } = await witness.event(first)
  const last = await witness.event(others.at(-1) ?? first)
  return { witness, cursor: { epoch, seq }, credit, last }
}

/** Waits until `count` events came, and then whether any more does. */
async function expectExactly(world: World, visit: Visit, count: number, topics: readonly string[]): Promise<void> {
  const came = (): number => topics.reduce((sum, topic) => sum + visit.eventsOf(topic).length, 0)
  const dueAt = performance.now() + world.patienceMs
  while (came() < count && performance.now() < dueAt && !visit.ending) await visit.somethingComes(50)
  await world.quiet()
  if (came() !== count) throw new Broken(`${count} events and no more before an ack`, `${came()}`)
}

export const credit: Checks = {
  'credit-live': {
    title: 'sends no more events than limits.unacked before an ack',
    async run(world) {
      const visit = await world.visit()
      await visit.subscribe({ topic: world.topic })
      const { credit } = await flood(world)
      await expectExactly(world, visit, credit, [world.topic])
    },
  },
  'credit-resume': {
    title: 'sends no more than that of what is resumed',
    async run(world) {
      const { cursor, credit } = await flood(world)
      const visit = await world.visit({ topics: [{ topic: world.topic, ...cursor }] })
      await expectExactly(world, visit, credit, [world.topic])
    },
  },
  'credit-returns': {
    title: 'goes on after an ack, where it stopped',
    async run(world) {
      const { cursor, credit, last } = await flood(world)
      const visit = await world.visit()
      await visit.subscribe({ topic: world.topic, ...cursor })
      const middle = cursor.seq + credit
      await visit.take('event', `the event ${middle}`, ({ seq }) => seq === middle)
      visit.send({ t: 'ack', topic: world.topic, seq: cursor.seq + 2 })
      await expectExactly(world, visit, credit + 2, [world.topic])
      visit.send({ t: 'ack', topic: world.topic, seq: middle })
      const event = await visit.take('event', 'the last event', ({ seq }) => seq === last.seq)
      expectRun(visit.eventsOf(world.topic), cursor, event)
    },
  },
  'credit-all-topics': {
    title: 'counts the events of all topics of a connection',
    async run(world) {
      const { topic, otherTopic } = world
      const visit = await world.visit()
      await visit.subscribe({ topic })
      await visit.subscribe({ topic: otherTopic })
      const witness = await world.witness()
      const credit = creditOf(witness)
      await witness.say(otherTopic, credit - BEYOND)
      await world.cause(witness, 2 * BEYOND)
      await expectExactly(world, visit, credit, [topic, otherTopic])
    },
  },
  'ack-forged': {
    title: 'gives no credit for an ack of what was not sent',
    async run(world) {
      const visit = await world.visit()
      await visit.subscribe({ topic: world.topic })
      visit.send({ t: 'ack', topic: world.topic, seq: Number.MAX_SAFE_INTEGER })
      visit.send({ t: 'ack', topic: 'holdfast-conformance-never-subscribed', seq: 1 })
      visit.send({ t: 'ack', topic: world.topic, seq: -1 })
      await world.handled(visit)
      const { credit } = await flood(world)
      await expectExactly(world, visit, credit, [world.topic])
    },
  },
}
