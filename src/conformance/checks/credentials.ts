import type { Checks } from '../check.ts'
import { newMark, random } from '../client.ts'
import { type Connection, short } from '../connection.ts'
import { Broken, NotOffered } from '../outcome.ts'
import { marked, type Visit } from '../visit.ts'
import type { World } from '../world.ts'

/** Longer lives are not waited for. */
const MOST_LIFE_MS = 60_000
/** How late a close at expiry may come. */
const LATE_MS = 2_000

function tokenOf({ token }: World): string {
  if (token === undefined) throw new NotOffered('no --token was given')
  return token
}

function lifeOf({ welcome: { authExpiresInMs: lifeMs } }: Visit): number {
  if (lifeMs === undefined) throw new NotOffered('welcome names no authExpiresInMs')
  if (lifeMs > MOST_LIFE_MS) throw new NotOffered(`the credentials live ${lifeMs} ms: longer than this script waits`)
  return lifeMs
}

/** 4400 and 4403 end it for good, 4200 to 4299 ask for fresh credentials. */
async function expectRefusal(connection: Connection): Promise<void> {
  const expected = 'the close 4200 to 4299, 4400 or 4403'
  const { code } = await connection.ended(expected)
  if (!(code >= 4200 && code < 4300) && code !== 4400 && code !== 4403) throw new Broken(expected, `the close ${code}`)
}

export const credentials: Checks = {
  'token-refused': {
    title: 'accepts the connection of a wrong token and closes it with a code that says so',
    async run(world) {
      tokenOf(world)
      const connection = await world.dial()
      connection.send(world.hello({ token: random(16), topics: [{ topic: world.topic }] }))
      await expectRefusal(connection)
      if (connection.frames.length) throw new Broken('no frame', short(connection.frames[0]))
    },
  },
  auth: {
    title: 'takes fresh credentials on a live connection, which goes on',
    async run(world) {
      const token = tokenOf(world)
      const witness = await world.witness()
      witness.send({ t: 'auth', token })
      await witness.take('authok', 'authok')
      await witness.settle(world.topic)
    },
  },
  'auth-refused': {
    title: 'closes with 4200 to 4299 when fresh credentials are refused',
    async run(world) {
      tokenOf(world)
      const visit = await world.visit()
      visit.send({ t: 'auth', token: random(16) })
      await expectRefusal(visit)
      if (visit.ending && visit.ending.code >= 4300) throw new Broken('the close 4200 to 4299', `${visit.ending.code}`)
    },
  },
  'auth-identity': {
    title: 'closes with 4110 when the credentials are of another identity',
    async run(world) {
      tokenOf(world)
      if (world.otherToken === undefined) throw new NotOffered('no --other-token was given')
      const visit = await world.visit()
      visit.send({ t: 'auth', token: world.otherToken })
      const { code } = await visit.ended('the close 4110')
      if (code !== 4110) throw new Broken('the close 4110', `the close ${code}`)
    },
  },
  'auth-expiry': {
    title: 'closes with 4201 when the credentials expire, and asks for fresh ones before',
    slow: true,
    async run(world) {
      const visit = await world.visit()
      const lifeMs = visit.welcome.authExpiresInMs
      if (lifeMs === undefined) throw new NotOffered('welcome names no authExpiresInMs')
      if (lifeMs > MOST_LIFE_MS)
        throw new NotOffered(`the credentials live ${lifeMs} ms: longer than this script waits`)
      const { code } = await visit.ended(`the close 4201 after ${lifeMs} ms`, lifeMs + LATE_MS)
      if (code !== 4201) throw new Broken('the close 4201', `the close ${code}`)
      if (!visit.frames.some(({ t }) => t === 'reauth')) throw new Broken('reauth before the close', 'none')
    },
  },
  'auth-renews': {
    title: 'lets a connection live on whose credentials were renewed in time',
    slow: true,
    async run(world) {
      const token = tokenOf(world)
      const visit = await world.visit()
      const lifeMs = lifeOf(visit)
      await visit.ended('', 0.7 * lifeMs).catch(() => null)
      visit.send({ t: 'auth', token })
      await visit.take('authok', 'authok')
      const end = await visit.ended('', 0.6 * lifeMs).catch(() => null)
      if (end) throw new Broken('a connection that goes on', `the close ${end.code} ${JSON.stringify(end.reason)}`)
    },
  },
  'identity-scope': {
    title: 'takes the client id of another identity for another client',
    async run(world) {
      tokenOf(world)
      if (world.otherToken === undefined) throw new NotOffered('no --other-token was given')
      const author = await world.witness()
      const topics = [{ topic: world.topic }]
      const stranger = await world.visit({ client: author.client, token: world.otherToken, topics })
      const [{ id, mark }] = await author.say(world.topic)
      const seen = await stranger.event(mark)
      if (seen.id !== undefined) throw new Broken('no id on a connection of another identity', short(seen))
      const other = newMark()
      stranger.send({ t: 'msg', id, topic: world.topic, data: marked(other) })
      const ok = await stranger.take('ok', 'ok for the same id of another identity', frame => frame.id === id)
      if (ok.dup) throw new Broken('ok without dup: it is another message', short(ok))
      await author.event(other)
    },
  },
}
