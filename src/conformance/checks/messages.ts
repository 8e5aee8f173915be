import type { Checks } from '../check.ts'
import { newClient, newMark } from '../client.ts'
import { type Frame, short } from '../connection.ts'
import { Broken, NotOffered } from '../outcome.ts'
import { isMarked, marked, type Visit } from '../visit.ts'
import type { World } from '../world.ts'

/** That the event of a mark came once, and no second one before an event that was caused later. */
async function expectOnce(visit: Visit, topic: string, mark: string): Promise<void> {
  await visit.settle(topic)
  const count = visit.frames.filter(frame => isMarked(frame, mark)).length
  if (count !== 1) throw new Broken('its event once', `it ${count} times`)
}

function expectDup(ok: Frame<'ok'>): void {
  if (ok.dup !== true) throw new Broken('ok with dup: true for a resend', short(ok))
}

/** Sends messages with these ids, each of which must be refused for good, and none of which must become an event. */
async function expectRefused(world: World, ids: (own: string) => readonly string[]): Promise<void> {
  const visit = await world.witness()
  for (const id of ids(visit.client.id)) {
    const mark = newMark()
    visit.send({ t: 'msg', id, topic: world.topic, data: marked(mark) })
    await visit.settle(world.topic)
    const refusal = visit.frames.find(frame => frame.t === 'err' && frame.id === id.slice(0, frame.id?.length))
    if (refusal?.t !== 'err' || refusal.code !== 'bad-id' || refusal.retry !== 'never') {
      const answer = visit.frames.find(frame => frame.t === 'ok' && frame.id === id)
      throw new Broken(`err, code bad-id, retry never for the id ${short(id)}`, short(refusal ?? answer ?? 'no answer'))
    }
    const leaked = visit.frames.find(frame => isMarked(frame, mark))
    if (leaked) throw new Broken('no event of a message that was refused', short(leaked))
  }
}

export const messages: Checks = {
  ok: {
    title: 'answers a message with ok when it is stored: whoever resumes finds it',
    async run(world) {
      const witness = await world.witness()
      const { epoch, seq } = await witness.settle(world.topic)
      const [{ mark, ok }] = await witness.say(world.topic)
      if (ok.dup === true) throw new Broken('ok without dup for a new message', short(ok))
      const visit = await world.visit({ topics: [{ topic: world.topic, epoch, seq }] })
      await visit.event(mark)
    },
  },
  resend: {
    title: 'answers a resend with ok and dup, and stores it once',
    async run(world) {
      const witness = await world.witness()
      const [{ id, mark }] = await witness.say(world.topic)
      witness.send({ t: 'msg', id, topic: world.topic, data: marked(mark) })
      expectDup(await witness.take('ok', 'ok for the resend', frame => frame.id === id))
      await expectOnce(witness, world.topic, mark)
    },
  },
  'resend-elsewhere': {
    title: 'knows a resend on another connection of the same client',
    async run(world) {
      const witness = await world.witness()
      const author = await world.visit()
      const [{ id, mark }] = await author.say(world.topic)
      author.close()
      const again = await world.visit({ client: author.client })
      again.send({ t: 'msg', id, topic: world.topic, data: marked(mark) })
      expectDup(await again.take('ok', 'ok for the resend', frame => frame.id === id))
      await expectOnce(witness, world.topic, mark)
    },
  },
  'resend-at-once': {
    title: 'stores a message once that comes on two connections at the same time',
    async run(world) {
      const witness = await world.witness()
      const client = newClient()
      const [one, two] = [await world.visit({ client }), await world.visit({ client })]
      const [id, mark] = [client.nextMessageId(), newMark()]
      for (const connection of [one, two, one])
        connection.send({ t: 'msg', id, topic: world.topic, data: marked(mark) })
      const takeOk = ({ take }: Visit): Promise<Frame<'ok'>> =>
        take('ok', 'ok for each of them', frame => frame.id === id)
      const oks = [await takeOk(one), await takeOk(two), await takeOk(one)]
      const fresh = oks.filter(({ dup }) => dup !== true).length
      if (fresh !== 1) throw new Broken('one ok without dup, two with it', `${fresh} without it`)
      await expectOnce(witness, world.topic, mark)
    },
  },
  'foreign-id': {
    title: 'refuses the id of another client',
    run: world => expectRefused(world, () => [`${newClient().id}-1`]),
  },
  'malformed-id': {
    title: 'refuses an id that is not its client and a number',
    run: world =>
      expectRefused(world, own => [own, `${own}-`, `${own}-0`, `${own}-x`, `${own}-1.5`, `${own}-${'1'.repeat(128)}`]),
  },
  'err-scoped': {
    title: 'goes on after an err',
    async run(world) {
      const witness = await world.witness()
      for (let times = 0; times < 12; times++) witness.send({ t: 'msg', id: 'not-mine-1', topic: world.topic, data: 0 })
      await witness.take('err', 'err for a bad id')
      await witness.settle(world.topic)
      if (witness.ending) throw new Broken('an open connection', `the close ${witness.ending.code}`)
    },
  },
  'too-large': {
    title: 'refuses a message beyond limits.messageBytes: err, or the close 1009',
    async run(world) {
      const [witness, visit] = [await world.witness(), await world.visit()]
      const most = visit.welcome.limits?.messageBytes
      if (most === undefined || most > 16_777_216) throw new NotOffered('no limits.messageBytes up to 16 MiB')
      const [id, mark] = [visit.client.nextMessageId(), newMark()]
      visit.send({ t: 'msg', id, topic: world.topic, data: { ...marked(mark), padding: 'x'.repeat(most) } })
      const answered = (): Frame<'err'> | undefined =>
        visit.frames.filter(frame => frame.t === 'err').find(frame => frame.id === id)
      const dueAt = performance.now() + world.patienceMs
      while (!answered() && !visit.ending && performance.now() < dueAt) await visit.somethingComes(50)
      const refusal = answered()
      if (refusal ? refusal.retry !== 'never' : visit.ending?.code !== 1009)
        throw new Broken('err with retry: never, or the close 1009', short(refusal ?? visit.ending ?? 'no answer'))
      await witness.settle(world.topic)
      const leaked = witness.frames.find(frame => isMarked(frame, mark))
      if (leaked) throw new Broken('no event of it', 'one')
    },
  },
  'later-order': {
    title: 'after retry: later, refuses what follows until that message comes again',
    async run(world) {
      const witness = await world.witness()
      const messages = Array.from({ length: 32 }, () => ({ id: witness.client.nextMessageId(), mark: newMark() }))
      for (const { id, mark } of messages) witness.send({ t: 'msg', id, topic: world.topic, data: marked(mark) })
      const answers: (Frame<'ok'> | Frame<'err'>)[] = []
      const dueAt = performance.now() + world.patienceMs
      while (answers.length < messages.length && performance.now() < dueAt) {
        answers.length = 0
        for (const frame of witness.frames) if ((frame.t === 'ok' || frame.t === 'err') && frame.id) answers.push(frame)
        if (answers.length < messages.length) await witness.somethingComes(50)
      }
      const first = answers.findIndex(answer => answer.t === 'err' && answer.retry === 'later')
      if (first < 0) throw new NotOffered('nothing of a burst of 32 messages was refused with later')
      const stored = answers.slice(first).find(({ t }) => t === 'ok')
      if (stored) throw new Broken('later for all that follow a message refused with later', short(stored))
    },
  },
  request: {
    title: 'answers a request with the data in ok, a resend with the same, and stores no event',
    async run(world) {
      const witness = await world.witness()
      const [id, mark] = [witness.client.nextMessageId(), newMark()]
      const ask = { t: 'msg', id, topic: world.topic, data: marked(mark), request: true }
      witness.send(ask)
      await witness.settle(world.topic)
      const refused = witness.frames.find(frame => frame.t === 'err' && frame.id === id)
      if (refused) throw new NotOffered(`requests are refused: ${short(refused)}`)
      const answer = await witness.take('ok', 'ok with the answer', frame => frame.id === id)
      witness.send(ask)
      const again = await witness.take('ok', 'ok for the resend', frame => frame.id === id)
      expectDup(again)
      if (JSON.stringify(again.data) !== JSON.stringify(answer.data))
        throw new Broken(`the same answer, ${short(answer.data)}`, short(again))
      await witness.settle(world.topic)
      const stored = witness.frames.find(frame => isMarked(frame, mark))
      if (stored) throw new Broken('no event of a request', short(stored))
    },
  },
}
