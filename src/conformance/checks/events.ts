import { DEFAULT_TOPIC } from '../../session/frames.ts'
import type { Checks } from '../check.ts'
import { newMark } from '../client.ts'
import { short } from '../connection.ts'
import { Broken } from '../outcome.ts'
import { expectRun, isMarked, marked } from '../visit.ts'

/** What JSON can hold and a careless server spoils: beyond ASCII, beyond 16 bits, escapes, depth, numbers at their limits. */
const PAYLOAD = {
  text: 'ü€𝄞 \u2028 "\\ \n \u0000',
  numbers: [0, -1.5, 1e21, Number.MAX_SAFE_INTEGER],
  nothing: [null, false, '', [], {}],
  t: 'event',
}

export const events: Checks = {
  dense: {
    title: 'numbers the events of a topic without a hole, the same for everybody',
    async run(world) {
      const [one, two] = [await world.witness(), await world.visit()]
      const { epoch, seq } = await two.subscribe({ topic: world.topic })
      const marks = await world.cause(one, 8)
      for (const mark of marks) {
        const [mine, theirs] = [await one.event(mark), await two.event(mark)]
        if (mine.seq !== theirs.seq || mine.epoch !== theirs.epoch)
          throw new Broken(`the event ${mine.epoch} ${mine.seq} on both connections`, short(theirs))
      }
      const last = two.eventsOf(world.topic).at(-1)
      if (last) expectRun(two.eventsOf(world.topic), { epoch, seq }, last)
    },
  },
  order: {
    title: 'keeps the order of the messages of a connection',
    async run(world) {
      const witness = await world.witness()
      const said = await witness.say(world.topic, 12)
      let before = 0
      for (const { mark } of said) {
        const { seq } = await witness.event(mark)
        if (seq <= before) throw new Broken(`a seq beyond ${before}`, `${seq}`)
        before = seq
      }
      const answered = witness.frames.filter(frame => frame.t === 'ok').map(({ id }) => id)
      const late = answered.findIndex((id, index) => id !== said[index]?.id)
      if (late >= 0) throw new Broken('an ok for each, in order', `${answered[late]?.slice(-6)} as number ${late + 1}`)
    },
  },
  payload: {
    title: 'passes the data on unchanged',
    async run(world) {
      const witness = await world.witness()
      const data = { ...marked(newMark()), ...PAYLOAD }
      const [{ id }] = await witness.say(world.topic, 1, { data })
      const event = await witness.take('event', 'its event', frame => frame.id === id)
      if (JSON.stringify(event.data) !== JSON.stringify(data)) throw new Broken(JSON.stringify(data), short(event.data))
    },
  },
  binary: {
    title: 'passes bytes on unchanged, in a binary frame',
    async run(world) {
      const witness = await world.witness()
      const id = witness.client.nextMessageId()
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
      witness.sendBinary({ t: 'msg', id, topic: world.topic }, bytes)
      await witness.take('ok', 'ok for a message with bytes', frame => frame.id === id)
      const event = await witness.take('event', 'the event with bytes', frame => frame.id === id)
      if (!event.bytes || `${event.bytes}` !== `${bytes}`)
        throw new Broken('the bytes 0 to 255', event.bytes ? `${event.bytes.length} other bytes` : short(event))
    },
  },
  'event-id': {
    title: 'shows the id of a message to its own client alone',
    async run(world) {
      const [author, other] = [await world.witness(), await world.visit()]
      await other.subscribe({ topic: world.topic })
      const second = await world.visit({ client: author.client, topics: [{ topic: world.topic }] })
      const [{ id, mark }] = await author.say(world.topic)
      for (const own of [await author.event(mark), await second.event(mark)])
        if (own.id !== id) throw new Broken('its id on both connections of its client', short(own))
      const foreign = await other.event(mark)
      if (foreign.id !== undefined) throw new Broken('no id on a connection of another client', short(foreign))
    },
  },
  'default-topic': {
    title: `puts a message without a topic into \`${DEFAULT_TOPIC}\``,
    async run(world) {
      const visit = await world.visit()
      await visit.subscribe({ topic: DEFAULT_TOPIC })
      const [{ mark }] = await visit.say(DEFAULT_TOPIC, 1, { topic: undefined })
      const { topic } = await visit.take('event', 'its event', frame => isMarked(frame, mark))
      if (topic !== DEFAULT_TOPIC) throw new Broken(`the topic ${DEFAULT_TOPIC}`, topic)
    },
  },
}
