import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { SchemaError, typed } from '../../src/schema/index.ts'
import { thrownBy } from '../scenarios/hooked.ts'
import { asyncSchema, chatOf, incoming, Line, outgoing, SECRET } from './chat.ts'

/** What no type allows, and JavaScript does. */
function wrongly<T>(value: unknown): T {
  return Reflect.get(Object({ value }), 'value')
}

describe('a message that is sent', () => {
  it('travels as its schema makes it, as JSON', async () => {
    const { chat, server, clock } = await chatOf()
    expect(chat.send({ text: 'hello' })).toBeUndefined()
    await clock.advance(0)
    expect(server.received).toEqual(['{"text":"hello","tag":"none"}'])
  })

  it('takes the options of the socket, and gives what that gives', async () => {
    const { chat, server, clock } = await chatOf()
    server.latest.reset()
    await clock.advance(0)
    const queued = chat.send({ text: 'hello' }, { ttlMs: 5_000 })
    expect(queued?.state).toBe('queued')
    expect(chat.send({ text: 'typing' }, { volatile: true })?.state).toBe('dropped')
    await clock.advance(10_000)
    expect([queued?.state, server.latest.received]).toEqual(['sent', ['{"text":"hello","tag":"none"}']])
  })

  it('is serialized as the app says', async () => {
    const { chat, server, clock } = await chatOf({
      outgoing: z.object({ bytes: z.array(z.number()) }),
      serialize: (value: { readonly bytes: readonly number[] }) => new Uint8Array(value.bytes),
    })
    chat.send({ bytes: [1, 2] })
    await clock.advance(0)
    expect(server.received).toEqual([new Uint8Array([1, 2])])
  })
})

describe('a message that does not fit', () => {
  it.each([
    ['zod', z.object({ items: z.array(z.object({ price: z.number() })) })],
    ['valibot', v.object({ items: v.array(v.object({ price: v.number() })) })],
  ] as const)('throws before anything is sent, with places and without values: %s', async (_, schema) => {
    const { chat, server, clock } = await chatOf({ outgoing: schema, version: 3 })
    const error = thrownBy(() => chat.send({ items: [{ price: 1 }, { price: wrongly(SECRET) }] }))
    await clock.advance(0)
    expect(server.received).toEqual([])
    expect(error).toBeInstanceOf(SchemaError)
    expect(error).toMatchObject({
      name: 'SchemaError',
      code: 'ERR_INVALID_MESSAGE',
      issues: [{ path: 'items[1].price', expected: 'number' }],
      message:
        'An outgoing message does not fit the `outgoing` schema (version 3) at `items[1].price` (expected number): it was not sent.',
    })
    expect(JSON.stringify(error) + String(error) + JSON.stringify(Object(error).cause ?? '')).not.toContain(SECRET)
  })

  it('is named by its first places, and the others are counted', async () => {
    const { chat } = await chatOf({ outgoing: z.record(z.string(), z.number()) })
    const wrong = {
      a: wrongly<number>('1'),
      'b c': wrongly<number>('2'),
      é: wrongly<number>('3'),
      d: wrongly<number>('4'),
    }
    expect(thrownBy(() => chat.send(wrong))).toMatchObject({
      message: expect.stringContaining(
        'at `a` (expected number), `["b c"]` (expected number), `é` (expected number) and 1 more: it was not sent.',
      ),
    })
    expect(thrownBy(() => chat.send(wrongly('text')))).toMatchObject({
      message: expect.stringContaining('at the message itself (expected record): it was not sent.'),
    })
  })

  it('is named without what a stranger may have written there', async () => {
    const { chat } = await chatOf({ outgoing: z.record(z.string(), z.number()) })
    const error = thrownBy(() => chat.send({ ['x'.repeat(10_000)]: wrongly('1') }))
    expect(String(error).length).toBeLessThan(300)
  })

  it.each([
    ['a bigint', 5n],
    ['nothing', undefined],
    ['a function', () => {}],
  ])('because it cannot be written as JSON (%s) throws too', async (_, value) => {
    const { chat, server, clock } = await chatOf({ outgoing: z.unknown() })
    const error = thrownBy(() => chat.send(value))
    await clock.advance(0)
    expect(error).toMatchObject({ code: 'ERR_INVALID_MESSAGE', message: expect.stringContaining('`serialize`') })
    expect(server.received).toEqual([])
  })

  it('because its schema has to be awaited throws, and says what to do', async () => {
    const { chat, server, clock } = await chatOf({ outgoing: asyncSchema(() => Promise.reject(new Error('late'))) })
    const error = thrownBy(() => chat.send('hello'))
    await clock.advance(0)
    expect(error).toMatchObject({ code: 'ERR_ASYNC_SCHEMA', message: expect.stringContaining('await what it needs') })
    expect(server.received).toEqual([])
  })
})

describe('what is no schema', () => {
  it.each([undefined, null, 5, 'string', {}, { '~standard': {} }, { parse: () => 5 }])('is refused: %o', schema => {
    const socket = new Line()
    for (const name of ['incoming', 'outgoing']) {
      const messages = { incoming, outgoing, [name]: wrongly<typeof incoming & typeof outgoing>(schema) }
      expect(thrownBy(() => typed(socket, messages))).toMatchObject({
        code: 'ERR_OPTION',
        message: expect.stringMatching(RegExp(`^Expected \`${name}\` to be a schema that follows Standard Schema 1`)),
      })
    }
  })

  it.each(['parse', 'serialize'])('nor a function, as `%s` is to be, is refused', name => {
    const target = new Line()
    expect(thrownBy(() => typed(target, { incoming, outgoing, [name]: 'json' }))).toMatchObject({
      code: 'ERR_OPTION',
      message: `Expected \`${name}\` to be a function, got string.`,
    })
  })
})
