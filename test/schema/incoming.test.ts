import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Invalid, SchemaError, typed } from '../../src/schema/index.ts'
import { asyncSchema, chatOf, deferred, incoming, Line, line, outgoing, reportsWhile, SECRET } from './chat.ts'

describe('a message that fits', () => {
  it('reaches the handlers as its schema made it, in the task in which it arrived', async () => {
    const { chat, say, socket } = await chatOf()
    const seen: unknown[] = []
    socket.addEventListener('message', () => seen.push('before'))
    chat.on('message', message => seen.push(message))
    socket.addEventListener('message', () => seen.push('after'))
    await say(line({ id: 1, at: '2026-01-02T03:04:05Z', more: 'is ignored' }))
    expect(seen).toEqual(['before', { id: 1, at: new Date('2026-01-02T03:04:05Z') }, 'after'])
  })

  it('comes with the event in which it arrived', async () => {
    const { chat, say } = await chatOf()
    const text = line({ id: 1, at: '2026-01-02T03:04:05Z' })
    const events: unknown[] = []
    chat.on('message', (_, { data, type }) => events.push([type, data]))
    await say(text)
    expect(events).toEqual([['message', text]])
  })

  it('reaches every handler, one given twice twice, and none that was taken away', async () => {
    const { chat, say } = await chatOf()
    const seen: unknown[] = []
    const handler = ({ id }: { readonly id: number }): unknown => seen.push(id)
    const off = chat.on('message', handler)
    chat.on('message', handler)
    await say(line({ id: 1 }))
    off()
    off()
    await say(line({ id: 2 }))
    expect(seen).toEqual([1, 1, 2])
  })

  it('is looked at only while somebody listens', async () => {
    let looked = 0
    const counting = z.unknown().transform(value => ({ value, looked: ++looked }))
    const { chat, say } = await chatOf({ incoming: counting })
    await say('1')
    const off = chat.on('message', () => {})
    await say('2')
    off()
    await say('3')
    expect(looked).toBe(1)
  })

  it('is parsed as the app says, and may take its time', async () => {
    const { chat, say } = await chatOf({
      incoming: z.array(z.number()),
      parse: async (data: Blob) => [...new Uint8Array(await data.arrayBuffer())],
    })
    const seen: unknown[] = []
    const told = new Promise<void>(resolve => chat.on('message', list => resolve(void seen.push(list))))
    await say(new Uint8Array([1, 2]))
    await told
    expect(seen).toEqual([[1, 2]])
  })
})

describe('a message that does not fit', () => {
  it('reaches no handler, is told with its issues, and the next one comes as if nothing had been', async () => {
    const { chat, say, socket } = await chatOf()
    const seen: unknown[] = []
    const invalid: Invalid<MessageEvent>[] = []
    chat.on('message', ({ id }) => seen.push(id))
    chat.on('invalid', told => invalid.push(told))
    await say(line({ id: 1 }), line({ id: '2' }), line({ id: 3 }))
    expect(seen).toEqual([1, 3])
    expect(invalid).toMatchObject([{ issues: [{ path: 'id', expected: 'number', message: expect.any(String) }] }])
    expect(invalid[0]?.arrival.data).toBe(line({ id: '2' }))
    expect(socket.readyState).toBe(1)
  })

  it.each<readonly [string, string | Uint8Array<ArrayBuffer>]>([
    ['no JSON', `{"id":1,"token":"${SECRET}`],
    ['nothing', ''],
    ['bytes', new Uint8Array([1])],
  ])('because it is %s is told with what the parser threw', async (_, data) => {
    const { chat, say } = await chatOf()
    const invalid: Invalid<MessageEvent>[] = []
    chat.on('invalid', told => invalid.push(told))
    await say(data)
    expect(invalid).toMatchObject([
      { issues: [{ path: '', message: 'It could not be parsed.' }], cause: expect.any(Error) },
    ])
  })

  it.each(['throws', 'rejects'])('because its schema %s is told with what that was', async how => {
    const cause = new Error('out of order')
    const schema = asyncSchema(() => {
      if (how === 'rejects') return Promise.reject(cause)
      throw cause
    })
    const { chat, say } = await chatOf({ incoming: schema })
    const invalid: Invalid<MessageEvent>[] = []
    chat.on('invalid', told => invalid.push(told))
    await say('1')
    expect(invalid).toMatchObject([{ issues: [{ path: '', message: 'The schema threw.' }], cause }])
  })

  it('has at most 100 issues, however wrong it is', async () => {
    const { chat, say } = await chatOf({ incoming: z.array(z.number()) })
    let issues = 0
    chat.on('invalid', told => {
      issues = told.issues.length
    })
    await say(JSON.stringify(Array.from({ length: 5_000 }, (_, index) => `${index}`)))
    expect(issues).toBe(100)
  })

  it('is reported where nobody listens: the first one, with its places and not its values', async () => {
    const reports = await reportsWhile(async () => {
      const { chat, say } = await chatOf({ version: 3 })
      chat.on('message', () => {})
      await say(line({ id: SECRET }), line({ id: SECRET }))
    })
    expect(reports).toHaveLength(1)
    const [report] = reports
    expect(report).toBeInstanceOf(SchemaError)
    expect(report).toMatchObject({
      code: 'ERR_INVALID_MESSAGE',
      issues: [{ path: 'id', expected: 'number' }],
      message: expect.stringMatching(
        /^An incoming message does not fit the `incoming` schema \(version 3\) at `id` \(expected number\): it reached no handler\./,
      ),
    })
    expect(JSON.stringify(report) + String(report)).not.toContain(SECRET)
  })

  it('is not reported where somebody listens', async () => {
    const reports = await reportsWhile(async () => {
      const { chat, say } = await chatOf()
      chat.on('invalid', () => {})
      await say(line({ id: SECRET }))
    })
    expect(reports).toEqual([])
  })
})

describe('a schema that is awaited', () => {
  it('keeps the order: one after the other, whichever is slow', async () => {
    const gates = [deferred<number>(), deferred<number>(), deferred<number>()]
    const asked: unknown[] = []
    const { chat, say } = await chatOf({
      incoming: asyncSchema(value => {
        asked.push(value)
        return gates[Number(value)]?.promise ?? value
      }),
    })
    const seen: unknown[] = []
    chat.on('message', value => seen.push(value))
    await say('0', '1', '2')
    gates[2]?.resolve(12)
    gates[1]?.resolve(11)
    await say('3')
    expect([asked, seen]).toEqual([[0], []])
    gates[0]?.resolve(10)
    await say()
    expect([asked, seen]).toEqual([
      [0, 1, 2, 3],
      [10, 11, 12, 3],
    ])
  })

  it('does not wait for the handlers', async () => {
    const { chat, say } = await chatOf({ incoming: asyncSchema(value => Promise.resolve(value)) })
    const seen: unknown[] = []
    chat.on('message', value => {
      seen.push(value)
      return new Promise(() => {})
    })
    await say('1', '2')
    expect(seen).toEqual([1, 2])
  })

  it('that never answers holds a thousand messages, and says so of the rest', async () => {
    const { chat, say } = await chatOf({ incoming: asyncSchema(() => new Promise(() => {})) })
    const invalid: unknown[] = []
    chat.on('invalid', ({ issues }) => invalid.push(issues[0]?.message))
    await say(...Array.from({ length: 1_003 }, (_, index) => `${index}`))
    expect(invalid).toEqual(Array(3).fill('More than 1000 messages wait for an async schema.'))
  })

  it('that answers may be given as many as one likes', async () => {
    let gate = deferred()
    const { chat, say } = await chatOf({ incoming: asyncSchema(value => gate.promise.then(() => value)) })
    const seen: unknown[] = []
    chat.on('message', value => seen.push(value))
    for (let turn = 0; turn < 4; turn++) {
      gate = deferred()
      await say(...Array.from({ length: 400 }, (_, index) => `${index}`))
      gate.resolve()
      await say()
    }
    expect(seen).toHaveLength(1_600)
  })

  it('gives each handler what a list of plain calls would, in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ value: fc.nat(), ticks: fc.option(fc.nat(5), { nil: undefined }), wrong: fc.boolean() }), {
          maxLength: 20,
        }),
        async messages => {
          const { chat, say } = await chatOf({
            incoming: asyncSchema(async given => {
              const { value, ticks, wrong } = z
                .object({ value: z.number(), ticks: z.number().optional(), wrong: z.boolean() })
                .parse(given)
              for (let tick = 0; tick < (ticks ?? 0); tick++) await Promise.resolve()
              if (wrong) throw new Error('wrong')
              return value
            }),
          })
          const seen: unknown[] = []
          chat.on('message', value => seen.push(value))
          chat.on('invalid', () => seen.push('invalid'))
          for (const message of messages) await say(JSON.stringify(message))
          for (let tick = 0; tick < 300; tick++) await Promise.resolve()
          expect(seen).toEqual(messages.map(({ value, wrong }) => (wrong ? 'invalid' : value)))
        },
      ),
      { numRuns: 50 },
    )
  })
})

describe('a handler that fails', () => {
  it.each(['throws', 'rejects'])('because it %s is reported, and stops nobody', async how => {
    const cause = new Error('render')
    const seen: unknown[] = []
    const reports = await reportsWhile(async () => {
      const { chat, say } = await chatOf()
      chat.on('message', () => {
        if (how === 'rejects') return Promise.reject(cause)
        throw cause
      })
      chat.on('message', ({ id }) => seen.push(id))
      await say(line({ id: 1 }), line({ id: 2 }))
    })
    expect([seen, reports]).toEqual([
      [1, 2],
      [cause, cause],
    ])
  })

  it('is reported with the others that do', async () => {
    const causes = [new Error('a'), new Error('b')]
    const reports = await reportsWhile(async () => {
      const { chat, say } = await chatOf()
      for (const cause of causes) chat.on('message', () => Promise.reject(cause))
      await say(line({ id: 1 }))
    })
    expect(reports).toMatchObject([{ errors: causes }])
  })

  it('is left to `waitUntil` where the event has one', async () => {
    const source = new Line()
    const cause = new Error('render')
    const waits: PromiseLike<unknown>[] = []
    const reports = await reportsWhile(async () => {
      typed(source, { incoming, outgoing }).on('message', () => Promise.reject(cause))
      const event = new MessageEvent('message', { data: line({ id: 1 }) })
      source.arrive(Object.assign(event, { waitUntil: (settled: PromiseLike<unknown>) => waits.push(settled) }))
      expect(await waits[0]?.then(String, String)).toBe('Error: render')
    })
    expect([waits.length, reports]).toEqual([1, []])
  })
})

describe('a schema of any library', () => {
  it.each([
    ['zod', z.object({ list: z.array(z.object({ price: z.number() })) })],
    ['valibot', v.object({ list: v.array(v.object({ price: v.number() })) })],
  ] as const)('%s tells where it is wrong, the same way', async (_, schema) => {
    const { chat, say } = await chatOf({ incoming: schema })
    const paths: unknown[] = []
    chat.on('message', ({ list }) => paths.push(list.length))
    chat.on('invalid', ({ issues }) => paths.push(...issues.map(({ path, expected }) => [path, expected])))
    await say('{"list":[{"price":1},{"price":"2"}]}', '{"list":[]}')
    expect(paths).toEqual([['list[1].price', 'number'], 0])
  })
})
