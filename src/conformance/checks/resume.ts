import type { Cursor } from '../../session/frames.ts'
import type { Checks } from '../check.ts'
import { type Frame, short } from '../connection.ts'
import { Broken, NotOffered } from '../outcome.ts'
import { expectRun, subbedTo, type Visit } from '../visit.ts'
import type { World } from '../world.ts'

const MANY = 6

/** A position, and the events after it that have been caused. */
async function past(world: World): Promise<{ witness: Visit; cursor: Cursor; last: string; head: Frame<'event'> }> {
  const witness = await world.witness()
  const [first, ...others] = await world.cause(witness, MANY)
  const last = others.at(-1) ?? first
  const [{ epoch, seq }, head] = [await witness.event(first), await witness.event(last)]
  return { witness, cursor: { epoch, seq }, last, head }
}

/** Subscribes with a cursor that cannot be honoured: a gap with that reason must come before any event of the topic. */
async function expectGap(world: World, forge: (cursor: Cursor) => Cursor, reason: string): Promise<void> {
  const { witness, cursor, head } = await past(world)
  const visit = await world.visit()
  visit.send({ t: 'sub', topic: world.topic, ...forge(cursor) })
  const subbed = await subbedTo(visit, world.topic)
  if (subbed.recovered) throw new Broken('recovered: false', short(subbed))
  if (subbed.epoch !== head.epoch || subbed.seq < head.seq)
    throw new Broken(`the head, ${head.seq} or later`, short(subbed))
  // Before the gap is waited for: a server that is late with it sends this event first.
  const [next] = await world.cause(witness)
  const gap = await visit.take('gap', `gap, reason ${reason}`, ({ topic }) => topic === world.topic)
  if (gap.reason !== reason) throw new Broken(`the reason ${reason}`, short(gap))
  if (gap.to !== subbed.seq) throw new Broken(`to: ${subbed.seq}, the head`, short(gap))
  if (reason === 'epoch' && gap.from !== undefined)
    throw new Broken('no from: another epoch has other numbers', short(gap))
  const event = await visit.event(next)
  expectFirst(visit, gap)
  expectRun(visit.eventsOf(world.topic), { epoch: subbed.epoch, seq: gap.to }, event)
}

function expectFirst(visit: Visit, gap: Frame<'gap'>): void {
  const order = visit.frames.filter(frame => 'topic' in frame && frame.topic === gap.topic && frame.t !== 'subbed')
  if (order[0] !== gap) throw new Broken('gap before any event of the topic', short(order[0]))
}

export const resume: Checks = {
  resume: {
    title: 'sends what follows a cursor, without a hole, to whoever has it',
    async run(world) {
      const { cursor, last } = await past(world)
      const visit = await world.visit({ topics: [{ topic: world.topic, ...cursor }] })
      const subbed = await subbedTo(visit, world.topic)
      if (!subbed.recovered) throw new Broken('recovered: true', short(subbed))
      const event = await visit.event(last)
      expectRun(visit.eventsOf(world.topic), cursor, event)
      const before = visit.frames.indexOf(subbed)
      if (visit.frames.findIndex(({ t }) => t === 'event') < before)
        throw new Broken('subbed before the events', 'an event')
    },
  },
  'resume-head': {
    title: 'sends nothing old for a cursor at the head',
    async run(world) {
      const { witness, head } = await past(world)
      const visit = await world.visit()
      const { epoch, seq } = head
      const subbed = await visit.subscribe({ topic: world.topic, epoch, seq })
      if (!subbed.recovered) throw new Broken('recovered: true', short(subbed))
      const [next] = await world.cause(witness)
      const event = await visit.event(next)
      expectRun(visit.eventsOf(world.topic), { epoch, seq }, event)
    },
  },
  'gap-expired': {
    title: 'tells exactly what is gone when the log no longer reaches back to the cursor',
    async run(world) {
      const { witness, cursor } = await past(world)
      const visit = await world.visit()
      visit.acknowledge()
      const subbed = await visit.subscribe({ topic: world.topic, epoch: cursor.epoch, seq: 0 })
      if (subbed.recovered) {
        const first = await visit.take('event', 'the first event', ({ topic }) => topic === world.topic)
        if (first.seq !== 1) throw new Broken('the event 1 after the cursor 0', short(first))
        throw new NotOffered('the log still reaches back to the first event')
      }
      const gap = await visit.take('gap', 'gap, reason expired', ({ topic }) => topic === world.topic)
      if (gap.reason !== 'expired' || gap.from !== 1) throw new Broken('the reason expired, from: 1', short(gap))
      const [next] = await world.cause(witness)
      const event = await visit.event(next)
      expectFirst(visit, gap)
      expectRun(visit.eventsOf(world.topic), { epoch: cursor.epoch, seq: gap.to }, event)
    },
  },
  'gap-unknown': {
    title: 'answers a cursor from the future with a gap to the head, before any event',
    run: world => expectGap(world, ({ epoch, seq }) => ({ epoch, seq: seq + 1_000_000 }), 'unknown'),
  },
  'gap-epoch': {
    title: 'answers a cursor of another epoch with a gap to the head, before any event',
    run: world => expectGap(world, ({ epoch, seq }) => ({ epoch: `${epoch}x`, seq }), 'epoch'),
  },
  'cursor-nonsense': {
    title: 'survives a cursor that is none',
    async run(world) {
      const witness = await world.witness()
      const { epoch } = await witness.settle(world.topic)
      const visit = await world.visit()
      for (const seq of [-1, 0.5, Number.MAX_SAFE_INTEGER, 1e300, '1', null, {}])
        visit.send({ t: 'sub', topic: world.topic, epoch, seq })
      visit.send({ t: 'sub', topic: world.topic, epoch: 7, seq: 1 })
      visit.send({ t: 'sub', topic: world.topic, epoch })
      visit.send({ t: 'unsub', topic: world.topic })
      await world.handled(visit)
      await witness.settle(world.topic)
    },
  },
}
