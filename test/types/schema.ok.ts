/** Typed messages that must compile. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as v from 'valibot'
import { z } from 'zod'
import { type Message, ResilientWebSocket } from '../../src/index.ts'
import { type InputOf, type Messages, type OutputOf, type Schema, type Topic, typed } from '../../src/schema/index.ts'

const incoming = z.object({ id: z.number(), at: z.iso.datetime().transform(text => new Date(text)) })
const outgoing = v.object({ text: v.string(), tag: v.optional(v.string(), 'none') })

export const resilient = typed(new ResilientWebSocket('/chat'), { incoming, outgoing, version: 3 })
export const undo: () => void = resilient.on('message', ({ id, at }, { origin }) => {
  const said: readonly [number, Date, string] = [id, at, origin]
  return said
})
resilient.on('message', async message => {
  await Promise.resolve(message.at.getTime())
})
resilient.on('invalid', ({ issues, arrival, cause }) => [issues[0]?.path, issues[0]?.message, arrival.data, cause])
resilient.send({ text: 'hello' })
export const handle: Message | undefined = resilient.send({ text: 'hello', tag: 'x' }, { volatile: true })
export const version: number | undefined = resilient.version

const native = typed(new WebSocket('wss://example.com'), { incoming, outgoing })
export const nothing = (): void => native.send({ text: 'hello' })

/** As a session may have it. */
interface OrdersTopic {
  on(handler: (event: { readonly data: unknown; readonly seq: number }) => unknown): () => void
  send(value: unknown, options?: { readonly ttlMs?: number }): Promise<'acknowledged'>
}
declare const topic: OrdersTopic
const orders = typed(topic, { incoming, outgoing })
orders.on('message', (order, { seq }) => order.id + seq)
export const sent: Promise<'acknowledged'> = orders.send({ text: 'hello' }, { ttlMs: 5 })

declare const plain: Topic
typed(plain, { incoming, outgoing }).on('message', ({ id }) => id)

/** Any schema of the standard is one of ours, and the other way round. */
export const ofTheStandard = <I, O>(schema: StandardSchemaV1<I, O>): Schema<I, O> => schema
export const ours = <I, O>(schema: Schema<I, O>): StandardSchemaV1<I, O> => schema
export const input: InputOf<typeof outgoing> = { text: 'a' }
export const output: OutputOf<typeof outgoing> = { text: 'a', tag: 'b' }

export const messages = { incoming, outgoing, version: 3 } satisfies Messages
typed(new ResilientWebSocket('/chat'), messages)

typed(new ResilientWebSocket('/chat'), {
  incoming,
  outgoing,
  parse: async (blob: Blob) => JSON.parse(await blob.text()),
  serialize: (value: { readonly text: string }) => new Blob([value.text]),
})
