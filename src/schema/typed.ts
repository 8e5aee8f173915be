import type { Message, SendOptions } from '../client/sending.ts'
import { Channel, type Invalid } from './channel.ts'
import { SchemaError } from './schema-error.ts'
import type { Arrival, Socket, SocketWithOptions, Topic } from './source.ts'
import { type InputOf, isSchema, type OutputOf, type Schema } from './standard.ts'

/** The messages of a connection or a topic: one schema for each direction. */
export interface Messages<In extends Schema = Schema, Out extends Schema = Schema> {
  /** What arrives. It may be async: messages are read one after the other, and at most 1,000 wait for it. */
  readonly incoming: In
  /** What is sent. It has to answer at once: `send()` throws `ERR_ASYNC_SCHEMA` else. */
  readonly outgoing: Out
  /** Which version of the messages this is: errors name it. Give the same number to the server's handshake, so that an old page and a new server tell each other. */
  readonly version?: number
  /** Makes a value of what arrived, before the schema is asked; it may be async. One that throws makes the message invalid. @defaultValue JSON.parse of text; of a topic, whose values need no parsing, what arrived */
  parse?(data: unknown): unknown
  /** Makes of a value, after the schema was asked, what is sent. @defaultValue JSON.stringify; of a topic, the value */
  serialize?(value: unknown): unknown
}

/** Messages with types, in both directions. */
export interface Typed<In, Out, E = Arrival, Rest extends readonly unknown[] = [], Sent = unknown> {
  readonly version: number | undefined
  /**
   * Calls `handler` with every message that fits, as its schema made it. It may be async: a topic of a session waits for
   * it. One that throws or rejects stops nobody; it is reported, by the session where there is one. The result stops it.
   * Nothing is listened to before the first handler comes, nor after the last has gone.
   */
  on(type: 'message', handler: (message: In, arrival: E) => unknown): () => void
  /** Calls `handler` with every message that does not fit. Where nobody listens, the first one is reported, and no other. */
  on(type: 'invalid', handler: (invalid: Invalid<E>) => unknown): () => void
  /**
   * Sends the message as its schema makes it. What it gives is what `send()` of the socket or the topic gives.
   *
   * @throws SchemaError `ERR_INVALID_MESSAGE` when it does not fit, with the places and without the values, `ERR_ASYNC_SCHEMA` when its schema has to be awaited. Nothing was sent then. And whatever `send()` throws.
   */
  send(message: Out, ...rest: Rest): Sent
}

function check(messages: Messages): void {
  for (const name of ['incoming', 'outgoing'] as const) {
    if (isSchema(messages[name])) continue
    const got = typeof messages[name]
    const what = 'a schema that follows Standard Schema 1 (zod 4, valibot, arktype)'
    throw new SchemaError('ERR_OPTION', `Expected \`${name}\` to be ${what}, got ${got}.`)
  }
  for (const name of ['parse', 'serialize'] as const) {
    const got = typeof messages[name]
    if (got === 'undefined' || got === 'function') continue
    throw new SchemaError('ERR_OPTION', `Expected \`${name}\` to be a function, got ${got}.`)
  }
}

/**
 * Gives the messages of a socket or a topic their types, and holds them to that: what does not fit reaches no handler,
 * and is not sent.
 *
 * @param source - A `ResilientWebSocket` or a native one, whose messages are JSON unless `parse` and `serialize` say otherwise; or a topic, whose messages are values.
 * @throws SchemaError `ERR_OPTION` for what is no schema.
 */
export function typed<In extends Schema, Out extends Schema>(
  source: SocketWithOptions,
  messages: Messages<In, Out>,
): Typed<OutputOf<In>, InputOf<Out>, MessageEvent, [options?: SendOptions], Message | undefined>
/** The same of a socket that takes no options. */
export function typed<In extends Schema, Out extends Schema>(
  source: Socket,
  messages: Messages<In, Out>,
): Typed<OutputOf<In>, InputOf<Out>, MessageEvent, [], void>
/** The same of a topic. */
export function typed<In extends Schema, Out extends Schema, E extends Arrival, Rest extends readonly unknown[], Sent>(
  source: Topic<E, Rest, Sent>,
  messages: Messages<In, Out>,
): Typed<OutputOf<In>, InputOf<Out>, E, Rest, Sent>

export function typed(
  source: Socket | Topic,
  messages: Messages,
): Typed<unknown, unknown, Arrival, readonly unknown[]> {
  check(messages)
  return new Channel(source, messages)
}
