import { describe, expect, it } from 'vitest'
import type { DedupeOptions } from '../../src/index.ts'
import { openStory, type Setting, type Story } from './story.ts'

function deduping(dedupe: DedupeOptions, { options, ...setting }: Setting = {}): Promise<Story> {
  return openStory({ ...setting, options: { ...options, dedupe } })
}

const byText: DedupeOptions = { keyOf: ({ data }) => data }

/** What no type allows, and JavaScript does. */
function wrongly<T>(key: unknown): T {
  return Reflect.get(Object({ key }), 'key')
}

async function say({ server, clock }: Story, ...messages: readonly string[]): Promise<void> {
  for (const message of messages) server.latest.send(message)
  await clock.advance(0)
}

async function reconnect({ server, clock }: Story): Promise<void> {
  server.latest.reset()
  await clock.advance(10_000)
}

describe('a message with a key', () => {
  it('is delivered once, on this connection and on the next', async () => {
    const told = await deduping(byText)
    await say(told, 'a', 'b', 'a')
    await reconnect(told)
    await say(told, 'b', 'c')
    expect(told.journal).toEqual(['message a', 'message b', 'close 1006', 'open', 'message c'])
  })

  it('is forgotten when as many others came as the window holds', async () => {
    const told = await deduping({ ...byText, window: 2 })
    await say(told, 'a', 'b', 'a', 'c', 'a')
    expect(told.journal).toEqual(['message a', 'message b', 'message c', 'message a'])
  })

  it('is remembered among 1,024 where nobody says how many', async () => {
    const told = await deduping(byText)
    const many = Array.from({ length: 1_024 }, (_, index) => `${index}`)
    await say(told, ...many, '0', 'one more', '0')
    expect(told.journal).toHaveLength(1_026)
    expect(told.journal.slice(-2)).toEqual(['message one more', 'message 0'])
  })

  it('may have a number for a key', async () => {
    const told = await deduping({ keyOf: ({ data }) => data.length })
    await say(told, 'a', 'bb', 'c')
    expect(told.journal).toEqual(['message a', 'message bb'])
  })

  it('counts as a sign of life, even if it is not delivered', async () => {
    const told = await deduping(byText)
    await say(told, 'a')
    const before = told.socket.lastMessageAt ?? 0
    await told.clock.advance(1_000)
    await say(told, 'a')
    expect(told.socket.lastMessageAt).toBe(before + 1_000)
  })

  it('that a hook claims is the hook’s, and its key is not looked at', async () => {
    const looked: unknown[] = []
    const told = await deduping(
      {
        keyOf: ({ data }) => {
          looked.push(data)
          return data
        },
      },
      {
        options: { beforeOpen: async ({ receive }) => void (await receive()) },
        behaviour: connection => {
          connection.accept()
          connection.send('welcome')
        },
      },
    )
    await say(told, 'welcome')
    expect([looked, told.journal]).toEqual([['welcome'], ['message welcome']])
  })

  it('is remembered past close() and reconnect()', async () => {
    const told = await deduping(byText)
    await say(told, 'a')
    told.socket.close()
    await told.clock.advance(1_000)
    told.socket.reconnect()
    await told.clock.advance(1_000)
    await say(told, 'a', 'b')
    expect(told.journal).toEqual(['message a', 'close 1005, final', 'open', 'message b'])
  })

  it('is another one to somebody else', async () => {
    const identities = ['ann', 'bob']
    const told = await deduping(byText, { options: { auth: async () => ({ identity: identities.shift() ?? '' }) } })
    await say(told, 'a')
    told.socket.refreshAuth()
    await told.clock.advance(1_000)
    await say(told, 'a')
    expect(told.journal).toEqual(['message a', 'close 1006', 'open', 'message a'])
  })
})

describe('a message without a key', () => {
  it.each([undefined, null])('is always delivered: %s', async key => {
    const told = await deduping({ keyOf: () => wrongly(key) })
    await say(told, 'a', 'a')
    expect([told.journal, told.problems]).toEqual([['message a', 'message a'], []])
  })

  it.each([Number.NaN, {}, true, Promise.resolve('a')])(
    'because `keyOf` gave something else (%s) is delivered, and reported once per connection',
    async key => {
      const told = await deduping({ keyOf: () => wrongly(key) })
      await say(told, 'a', 'a')
      expect(told.journal).toEqual(['message a', 'message a'])
      expect(told.problems).toMatchObject([
        {
          code: 'ERR_HANDLER',
          message: '`dedupe.keyOf` failed: the message is delivered.',
          cause: expect.any(TypeError),
        },
      ])
      await reconnect(told)
      await say(told, 'a', 'a')
      expect(told.problems).toHaveLength(2)
    },
  )

  it('because `keyOf` threw is delivered, and reported once per connection', async () => {
    const cause = new Error('no JSON')
    const told = await deduping({
      keyOf: () => {
        throw cause
      },
    })
    await say(told, 'a', 'a', 'a')
    expect(told.journal).toEqual(['message a', 'message a', 'message a'])
    expect(told.problems.map(problem => [problem.code, problem.cause])).toEqual([['ERR_HANDLER', cause]])
    await reconnect(told)
    await say(told, 'a')
    expect(told.problems).toHaveLength(2)
  })
})
