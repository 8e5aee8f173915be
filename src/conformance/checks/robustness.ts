import type { Checks } from '../check.ts'
import { short } from '../connection.ts'
import { Broken } from '../outcome.ts'

/** What is no frame, or a frame whose fields are not what they must be. */
const GARBAGE: readonly (string | Uint8Array<ArrayBuffer>)[] = [
  '',
  'garbage',
  '{"t":',
  'null',
  '7',
  '"msg"',
  '[]',
  '[{"t":"ping"}]',
  '{}',
  '{"t":null}',
  '{"t":{"t":"ping"}}',
  '{"t":"__proto__"}',
  '{"t":"constructor"}',
  '{"t":"msg"}',
  '{"t":"msg","id":7}',
  '{"t":"msg","id":{"toString":7}}',
  '{"t":"sub"}',
  '{"t":"sub","topic":{"toString":7}}',
  '{"t":"unsub","topic":[]}',
  '{"t":"ack"}',
  '{"t":"ack","topic":null,"seq":"x"}',
  '{"t":"pong","n":"x"}',
  `${'['.repeat(2_000)}`,
  new Uint8Array(0),
  Uint8Array.of(1, 2, 3),
  Uint8Array.of(255, 255, 255, 255, 1),
  Uint8Array.of(0, 0, 0, 2, 123, 125),
  Uint8Array.of(0, 0, 0, 1, 255, 255),
]

export const robustness: Checks = {
  'unknown-type': {
    title: 'ignores a type of frame that it does not know',
    async run(world) {
      const visit = await world.visit()
      visit.send({ t: 'holdfast-conformance-future', topic: world.topic, n: 1 })
      visit.send({ t: 'ping', n: 1 })
      await visit.take('pong', 'pong: the connection goes on', ({ n }) => n === 1)
      const complaint = visit.frames.find(({ t }) => t === 'err')
      if (complaint) throw new Broken('silence about it', short(complaint))
    },
  },
  'unknown-field': {
    title: 'ignores fields that it does not know',
    async run(world) {
      const more = { future: { of: ['the', 'protocol'] }, x: null }
      const visit = await world.visit({ fields: more })
      await visit.subscribe({ topic: world.topic, ...more })
      const [{ mark }] = await visit.say(world.topic, 1, more)
      const { seq } = await visit.event(mark)
      visit.send({ t: 'ack', topic: world.topic, seq, ...more })
      visit.send({ t: 'ping', n: 1, ...more })
      await visit.take('pong', 'pong: the connection goes on', ({ n }) => n === 1)
    },
  },
  garbage: {
    title: 'survives garbage, and so does the connection',
    async run(world) {
      const [witness, visit] = [await world.witness(), await world.visit()]
      for (const garbage of GARBAGE) {
        visit.send(garbage)
        visit.send({ t: 'ping', n: 1 })
        await visit.take('pong', `pong after ${short(typeof garbage === 'string' ? garbage : [...garbage])}`)
      }
      await witness.settle(world.topic)
    },
  },
  frames: {
    title: 'sends nothing that is no frame of the protocol (over the whole run)',
    async run({ malformed }) {
      const [first] = malformed
      if (first !== undefined) throw new Broken('frames as in the tables', `${malformed.length} others, first ${first}`)
    },
  },
}
