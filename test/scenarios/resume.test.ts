import { describe, expect, it } from 'vitest'
import type { ResumeOptions } from '../../src/index.ts'
import { deferred } from './hooked.ts'
import { openStory, type Setting, type Story, story } from './story.ts'

interface Resuming extends Story {
  /** The cursors that were asked with. */
  readonly asked: unknown[]
}

/** The cursor of a message is its text, where that is a number. */
const cursorOf: ResumeOptions['cursorOf'] = ({ data }) => (/^\d+$/.test(data) ? Number(data) : undefined)

async function resuming({ options, ...setting }: Setting = {}, more: Partial<ResumeOptions> = {}): Promise<Resuming> {
  const asked: unknown[] = []
  const since: ResumeOptions['since'] = (cursor, { send }) => {
    asked.push(cursor)
    send(`since ${cursor}`)
  }
  const told = await openStory({ ...setting, options: { ...options, resume: { cursorOf, since, ...more } } })
  return { ...told, asked }
}

async function say({ server, clock }: Story, ...messages: readonly string[]): Promise<void> {
  for (const message of messages) server.latest.send(message)
  await clock.advance(0)
}

async function reconnect({ server, clock }: Story): Promise<void> {
  server.latest.reset()
  await clock.advance(10_000)
}

describe('what was missed', () => {
  it('is asked for on every connection but the first, with the cursor of the last message', async () => {
    const told = await resuming()
    expect(told.server.latest.received).toEqual([])
    await say(told, '1', '2')
    await reconnect(told)
    await say(told, '3')
    await reconnect(told)
    await reconnect(told)
    expect(told.asked).toEqual([2, 3, 3])
    expect(told.server.received).toEqual(['since 2', 'since 3', 'since 3'])
  })

  it('is asked for before `open` and before the outbox, and after `beforeOpen`', async () => {
    const order: string[] = []
    const told = await resuming({ options: { beforeOpen: ({ send }) => send('hello') } })
    await say(told, '1')
    told.server.latest.reset()
    await told.clock.advance(0)
    told.socket.send('queued')
    told.socket.onopen = () => {
      order.push(...told.server.latest.received.map(String), 'open')
      told.socket.send('from onopen')
    }
    await told.clock.advance(10_000)
    expect(told.server.latest.received).toEqual(['hello', 'since 1', 'from onopen', 'queued'])
    expect(order.at(-1)).toBe('open')
  })

  it('is not asked for on a first connection that took several dials', async () => {
    const asked: unknown[] = []
    let dials = 0
    const { clock, journal } = story({
      behaviour: connection => (++dials < 3 ? connection.refuse() : connection.accept()),
      options: { resume: { cursorOf, since: cursor => void asked.push(cursor) } },
    })
    await clock.advance(60_000)
    expect([journal.at(-1), asked]).toEqual(['open', []])
  })

  it('is asked for without a cursor where no message had one: the app knows what that means', async () => {
    const told = await resuming()
    await say(told, 'no number')
    await reconnect(told)
    expect(told.asked).toEqual([undefined])
  })

  it('keeps the last cursor where a message has none', async () => {
    const told = await resuming()
    await say(told, '7', 'no number')
    await reconnect(told)
    expect(told.asked).toEqual([7])
  })

  it('is counted from what the listeners have had: a message that ends the connection in one is not asked for again', async () => {
    const told = await resuming()
    const seen: unknown[] = []
    told.socket.addEventListener('message', ({ data }) => {
      seen.push(data)
      if (data === '2') told.socket.reconnect()
    })
    await say(told, '1', '2', '3')
    await told.clock.advance(10_000)
    expect([seen, told.asked]).toEqual([['1', '2'], [2]])
  })

  it('is not counted from a message that came twice', async () => {
    const told = await resuming({ options: { dedupe: { keyOf: ({ data }) => data } } })
    await say(told, '1', '2', '1')
    await reconnect(told)
    expect(told.asked).toEqual([2])
  })

  it('may be claimed by `since`, and reaches nobody else; what it does not claim comes after `open`', async () => {
    const claimed: unknown[] = []
    const told = await resuming(
      {
        behaviour: connection => {
          connection.accept()
          connection.heard(() => {
            for (const message of ['2', 'resumed', '3']) connection.send(message)
          })
        },
      },
      {
        since: async (cursor, { send, receive }) => {
          send(`since ${cursor}`)
          claimed.push((await receive(({ data }) => data === 'resumed')).data)
        },
      },
    )
    await say(told, '1')
    await reconnect(told)
    expect(claimed).toEqual(['resumed'])
    expect(told.journal).toEqual(['message 1', 'close 1006', 'open', 'message 2', 'message 3'])
  })
})

describe('the cursor', () => {
  it('outlives reconnect() and close()', async () => {
    const told = await resuming()
    await say(told, '1')
    told.socket.reconnect()
    await told.clock.advance(1_000)
    told.socket.close()
    await told.clock.advance(1_000)
    told.socket.reconnect()
    await told.clock.advance(1_000)
    expect(told.asked).toEqual([1, 1])
  })

  it('is dropped when somebody else signs in, whose first connection asks for nothing', async () => {
    const identities = ['ann', 'bob', 'bob']
    const told = await resuming({ options: { auth: async () => ({ identity: identities.shift() ?? '' }) } })
    await say(told, '1')
    told.socket.refreshAuth()
    await told.clock.advance(10_000)
    expect([told.journal, told.asked]).toEqual([['message 1', 'close 1006', 'open'], []])
    await reconnect(told)
    expect(told.asked).toEqual([undefined])
  })

  it('stays where `cursorOf` throws, which is reported once per connection', async () => {
    const cause = new Error('no JSON')
    const told = await resuming(
      {},
      {
        cursorOf: ({ data }) => {
          if (data === 'broken') throw cause
          return data
        },
      },
    )
    await say(told, '1', 'broken', 'broken')
    expect(told.journal).toEqual(['message 1', 'message broken', 'message broken'])
    expect(told.problems.map(problem => [problem.code, problem.cause])).toEqual([['ERR_HANDLER', cause]])
    await reconnect(told)
    await say(told, 'broken')
    expect([told.asked, told.problems.length]).toEqual([['1'], 2])
  })
})

describe('a `since` that fails', () => {
  const failing = (cause: Error, times: number): Partial<ResumeOptions> => ({
    since: () => {
      if (times-- > 0) throw cause
    },
  })

  it.each(['throws', 'rejects'])('because it %s is a failed attempt, retried with backoff', async how => {
    const cause = new Error('the server says no')
    const more = failing(cause, 1)
    const { since } = more
    const told = await resuming({}, how === 'throws' ? more : { since: async (...given) => since?.(...given) })
    told.server.latest.reset()
    await told.clock.advance(60_000)
    expect(told.journal).toEqual(['close 1006', 'error', 'close 1006', 'open'])
    expect(told.problems).toMatchObject([{ code: 'ERR_HOOK', message: '`resume.since` failed; backing off.', cause }])
    expect(told.closings.map(({ disconnect }) => disconnect.origin)).toEqual(['network', 'hook'])
    expect(told.server.dials).toHaveLength(3)
  })

  it('because the connection ended says nothing of its own', async () => {
    const told = await resuming({}, { since: async (_, { receive }) => void (await receive()) })
    told.server.latest.reset()
    await told.clock.advance(3_000)
    told.server.latest.reset()
    await told.clock.advance(0)
    expect(told.problems).toEqual([])
    expect(told.journal).toEqual(['close 1006', 'error', 'close 1006'])
  })

  it('because it takes longer than a dial may is given up', async () => {
    const told = await resuming({}, { since: () => new Promise<void>(() => {}) })
    told.server.latest.reset()
    await told.clock.advance(60_000)
    expect(told.closings.slice(1).every(({ disconnect }) => disconnect.origin === 'dial-timeout')).toBe(true)
    expect(told.closings.length).toBeGreaterThan(2)
  })

  it('is not begun when the connection ended during `beforeOpen`', async () => {
    const gate = deferred()
    let hooks = 0
    const told = await resuming({ options: { beforeOpen: () => (hooks++ ? gate.promise : undefined) } })
    told.server.latest.reset()
    await told.clock.advance(3_000)
    told.server.latest.reset()
    await told.clock.advance(0)
    gate.resolve()
    await told.clock.advance(0)
    expect([hooks, told.asked, told.problems]).toEqual([2, [], []])
  })
})
