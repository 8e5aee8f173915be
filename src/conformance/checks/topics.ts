import type { Checks } from '../check.ts'
import { short } from '../connection.ts'
import { Broken, NotOffered } from '../outcome.ts'
import { isMarked } from '../visit.ts'

export const topics: Checks = {
  sub: {
    title: 'answers sub with subbed: the head of the log, recovered',
    async run(world) {
      const witness = await world.witness()
      const [mark] = await world.cause(witness)
      const { epoch, seq } = await witness.event(mark)
      const visit = await world.visit()
      const subbed = await visit.subscribe({ topic: world.topic })
      if (!subbed.recovered) throw new Broken('recovered: true without a cursor', short(subbed))
      if (subbed.epoch !== epoch || subbed.seq < seq)
        throw new Broken(`the head, ${epoch} ${seq} or later`, short(subbed))
      const [next] = await world.cause(witness)
      const event = await visit.event(next)
      const [first] = visit.eventsOf(world.topic)
      if (first !== event && first?.seq !== subbed.seq + 1)
        throw new Broken(`the event ${subbed.seq + 1} first`, short(first))
    },
  },
  'sub-again': {
    title: 'a second sub of the same topic doubles nothing and ends nothing',
    async run(world) {
      const witness = await world.witness()
      const visit = await world.visit()
      await visit.subscribe({ topic: world.topic })
      const [once] = await world.cause(witness)
      await visit.event(once)
      for (let times = 0; times < 2; times++) visit.send({ t: 'sub', topic: world.topic })
      await world.handled(visit)
      const [twice, last] = await world.cause(witness, 2)
      if (last !== undefined) await visit.event(last)
      for (const mark of [once, twice]) {
        const count = visit.frames.filter(frame => isMarked(frame, mark)).length
        if (count !== 1) throw new Broken('each event once', `one ${count} times`)
      }
    },
  },
  unsub: {
    title: 'sends nothing more of a topic after unsub, and takes it twice',
    async run(world) {
      const witness = await world.witness()
      const visit = await world.visit()
      await visit.subscribe({ topic: world.topic })
      visit.send({ t: 'unsub', topic: world.topic })
      visit.send({ t: 'unsub', topic: world.topic })
      visit.send({ t: 'unsub', topic: 'holdfast-conformance-never-subscribed' })
      await world.handled(visit)
      const [unseen] = await world.cause(witness)
      await visit.subscribe({ topic: world.topic })
      const [seen] = await world.cause(witness)
      await visit.event(seen)
      const leaked = visit.frames.find(frame => isMarked(frame, unseen))
      if (leaked) throw new Broken('no event after unsub', short(leaked))
    },
  },
  'topic-name': {
    title: 'refuses a topic name of no bytes and of more than 256, with err',
    async run(world) {
      const visit = await world.visit()
      for (const topic of ['', 'ü'.repeat(129)]) {
        visit.send({ t: 'sub', topic })
        const refusal = await visit.take('err', `err for the topic name of ${topic.length * 2} bytes`)
        if (refusal.retry !== 'never') throw new Broken('retry: never', short(refusal))
      }
      await visit.subscribe({ topic: world.topic })
    },
  },
  'topic-forbidden': {
    title: 'refuses a forbidden topic with err, and sends none of its events',
    async run(world) {
      const { forbiddenTopic: topic } = world
      if (topic === undefined) throw new NotOffered('no --forbidden-topic was given')
      const visit = await world.visit()
      visit.send({ t: 'sub', topic })
      const refusal = await visit.take('err', `err for ${topic}`, frame => frame.topic === topic)
      if (refusal.code !== 'forbidden' || refusal.retry !== 'never')
        throw new Broken('code: forbidden, retry: never', short(refusal))
      const id = visit.client.nextMessageId()
      visit.send({ t: 'msg', id, topic, data: {} })
      await visit.take('err', 'err for a message to it', frame => frame.id === id)
      await visit.subscribe({ topic: world.topic })
    },
  },
}
