import { CLAMPS, PROTOCOL } from '../../session/frames.ts'
import type { Checks } from '../check.ts'
import { newClient } from '../client.ts'
import { short } from '../connection.ts'
import { Broken, NotOffered } from '../outcome.ts'
import { subbedTo } from '../visit.ts'
import type { World } from '../world.ts'

/** Longer than any server waits for a hello, by the protocol and a second for the way. */
const HELLO_WITHIN_MS = 11_000

/** What begins with this is closed with one of these codes, and not welcomed. */
async function refused(world: World, first: object | string, codes: readonly number[]): Promise<void> {
  const connection = await world.dial()
  connection.send(first)
  const expected = `the close ${codes.join(' or ')}`
  const { code } = await connection.ended(expected)
  if (!codes.includes(code)) throw new Broken(expected, `the close ${code}`)
  const welcome = connection.frames.find(({ t }) => t === 'welcome')
  if (welcome) throw new Broken('no welcome', short(welcome))
}

/** Each number that a server may advertise, with the least or the most that a client believes of it. */
const RANGES = [
  ['messageBytes', CLAMPS.messageBytes[0], Number.POSITIVE_INFINITY],
  ['inFlight', CLAMPS.inFlight[0], CLAMPS.inFlight[1]],
  ['unacked', CLAMPS.unacked[0], CLAMPS.unacked[1]],
  ['dedupeMs', CLAMPS.dedupeMs[0], Number.POSITIVE_INFINITY],
] as const

export const greeting: Checks = {
  subprotocol: {
    title: `selects ${PROTOCOL}`,
    async run(world) {
      const { protocol } = await world.dial()
      if (protocol !== PROTOCOL) throw new Broken(`the subprotocol ${PROTOCOL}`, JSON.stringify(protocol))
    },
  },
  origin: {
    title: 'refuses a foreign Origin',
    async run(world) {
      if (world.origin === undefined) throw new NotOffered('no --origin was given')
      const connection = await world.dial('https://holdfast-conformance.invalid').catch(() => null)
      connection?.send(world.hello())
      await connection?.ended('a refused handshake, or a close')
      if (connection?.frames.length) throw new Broken('no frame', short(connection.frames[0]))
    },
  },
  'hello-first': {
    title: 'closes with 4400 when the first frame is no hello',
    async run(world) {
      await refused(world, world.hello({ fields: { t: 'sub', topic: world.topic } }), [4400])
      await refused(world, 'garbage', [4400])
    },
  },
  'hello-invalid': {
    title: 'closes with 4400 when the hello lacks its fields',
    async run(world) {
      await refused(world, world.hello({ fields: { client: undefined } }), [4400])
      await refused(world, world.hello({ fields: { client: 7 } }), [4400])
      await refused(world, world.hello({ fields: { client: 'c'.repeat(65) } }), [4400])
      await refused(world, world.hello({ fields: { topics: 'all' } }), [4400])
    },
  },
  'hello-version': {
    title: 'closes with 4426 when it does not speak the version of the hello',
    async run(world) {
      await refused(world, world.hello({ fields: { v: 999_999 } }), [4426])
    },
  },
  'hello-timeout': {
    title: 'closes with 4400 when no hello comes within 10 s',
    slow: true,
    async run(world) {
      const connection = await world.dial()
      const { code } = await connection.ended('the close 4400 after 10 s', HELLO_WITHIN_MS)
      if (code !== 4400) throw new Broken('the close 4400', `the close ${code}`)
    },
  },
  welcome: {
    title: 'answers hello with one welcome, before anything else',
    async run(world) {
      const connection = await world.dial()
      connection.send(world.hello({ topics: [{ topic: world.topic }] }))
      const welcome = await connection.take('welcome', 'welcome')
      await subbedTo(connection, world.topic)
      connection.send({ t: 'ping', n: 2 })
      await connection.take('pong', 'pong', ({ n }) => n === 2)
      const [first] = connection.frames
      if (first !== welcome) throw new Broken('welcome first', short(first))
      const count = connection.frames.filter(({ t }) => t === 'welcome').length
      if (count > 1) throw new Broken('one welcome', `${count}`)
    },
  },
  'welcome-numbers': {
    title: 'advertises numbers within their ranges',
    async run(world) {
      const { welcome } = await world.visit()
      const { heartbeatMs, now, limits } = welcome
      const most = CLAMPS.heartbeatMs[1]
      if (!(heartbeatMs > 0 && heartbeatMs <= most))
        throw new Broken(`heartbeatMs of at most ${most}`, `${heartbeatMs}`)
      if (!(now > Date.UTC(2020) && now < Date.UTC(3000))) throw new Broken('now in epoch milliseconds', `${now}`)
      for (const [name, least, most] of RANGES) {
        const value = limits?.[name]
        if (value !== undefined && !(value >= least && value <= most))
          throw new Broken(`limits.${name} from ${least} to ${most}`, `${value}`)
      }
    },
  },
  'hello-topics': {
    title: 'subscribes the topics of the hello',
    async run(world) {
      const witness = await world.witness()
      const visit = await world.visit({ client: newClient(), topics: [{ topic: world.topic }] })
      await subbedTo(visit, world.topic)
      const [mark] = await world.cause(witness)
      await visit.event(mark)
    },
  },
}
