/** What every field of every frame means. That none is missing, and which may be left out, the compiler checks against src/session/frames.ts. */
import type { ClientFrame, ServerFrame, TopicRequest } from '../../src/session/frames.ts'

type Frame = ClientFrame | ServerFrame
type Fields<F> = F extends unknown ? Omit<F, 't'> : never
type OfType<F extends Frame, T extends string> = F extends unknown ? (T extends F['t'] ? F : never) : never

/** Its type, whether it may be left out, and in what bounds; then what it means. */
export type Field<Value> = readonly [
  type: TypeOf<Exclude<Value, undefined>>,
  presence: undefined extends Value ? 'optional' : 'required',
  meaning: string,
]
type TypeOf<Value> = unknown extends Value
  ? 'JSON'
  : Value extends string
    ? 'string'
    : Value extends boolean
      ? 'boolean'
      : Value extends number
        ? 'number' | 'integer'
        : Value extends readonly unknown[]
          ? 'array'
          : 'object'

/** One frame: what it means, and its fields. */
interface Described<F> {
  readonly means: string
  readonly fields: { readonly [K in keyof F]-?: Field<Optional<F, K>> }
}
/** Undefined is added where the key may be absent. */
type Optional<F, K extends keyof F> = object extends Pick<F, K> ? F[K] | undefined : F[K]

type DescribedFrames<F extends Frame> = {
  readonly [T in F['t']]: Described<Fields<OfType<F, T>>>
}

const topic: Field<string> = ['string', 'required', '1 to 256 bytes']
const cursor: Described<TopicRequest>['fields'] = {
  topic,
  epoch: ['string', 'optional', 'of the cursor; at most 128 bytes'],
  seq: ['integer', 'optional', 'of the cursor: the last one handled, from 0'],
}
const n: Field<number | undefined> = ['number', 'optional', 'any']

export const CLIENT: DescribedFrames<ClientFrame> = {
  hello: {
    means: 'the first frame of a connection',
    fields: {
      v: ['number', 'required', 'version of the protocol: 1'],
      schema: ['number', 'optional', "version of the app's messages"],
      client: ['string', 'required', '1 to 64 characters of base64url or hex'],
      conn: ['string', 'required', 'id of the connection, which both sides log; at most 128 bytes'],
      token: ['string', 'optional', 'credentials'],
      topics: ['array', 'required', 'of `{ topic, epoch?, seq? }`, as in `sub`; at most 1,000'],
    },
  },
  sub: { means: 'events of a topic, after the cursor or from now on', fields: cursor },
  unsub: { means: 'no more of it', fields: { topic } },
  msg: {
    means: 'a message; wants `ok` or `err`',
    fields: {
      id: ['string', 'required', '`<client>-<counter>`, at most 128 bytes'],
      topic: ['string', 'optional', '`default` when left out'],
      data: ['JSON', 'optional', "the app's; bytes travel behind the header instead"],
      request: ['boolean', 'optional', 'wants an answer in `ok.data`, and becomes no event'],
    },
  },
  ack: {
    means: 'everything of a topic up to there was handled',
    fields: { topic, seq: ['integer', 'required', 'from 0'] },
  },
  auth: { means: 'fresh credentials', fields: { token: ['string', 'required', 'credentials'] } },
  ping: { means: 'are you there?', fields: { n } },
  pong: { means: 'the answer, with the same `n`', fields: { n } },
  bye: { means: 'leaving on purpose', fields: {} },
}

export const SERVER: DescribedFrames<ServerFrame> = {
  welcome: {
    means: 'the answer to `hello`: the connection is open',
    fields: {
      conn: ['string', 'required', 'of the `hello`'],
      now: ['number', 'required', "the server's clock, epoch ms"],
      identity: ['string', 'optional', 'who it is'],
      heartbeatMs: ['number', 'required', 'how often the server pings'],
      authExpiresInMs: ['number', 'optional', 'how long the credentials live'],
      schema: ['integer', 'optional', "the server's version of the app's messages"],
      limits: ['object', 'optional', '`{ messageBytes?, inFlight?, unacked?, dedupeMs? }`, numbers'],
    },
  },
  subbed: {
    means: 'the answer to `sub`',
    fields: {
      topic,
      epoch: ['string', 'required', 'of the log; at most 128 bytes'],
      seq: ['integer', 'required', 'the head of the log'],
      recovered: ['boolean', 'required', '`false`: `gap` follows before any event of the topic'],
    },
  },
  gap: {
    means: 'events are lost for good: fetch the state anew',
    fields: {
      topic,
      from: ['integer', 'optional', 'the first one that is lost'],
      to: ['integer', 'required', 'the position that the fetched state must include'],
      reason: ['string', 'required', '`expired`, `epoch` or `unknown`'],
    },
  },
  event: {
    means: 'one event',
    fields: {
      topic,
      epoch: ['string', 'required', 'of the log'],
      seq: ['integer', 'required', 'from 1'],
      id: ['string', 'optional', 'of the message, for the client that sent it alone'],
      data: ['JSON', 'optional', 'as it was sent; bytes travel behind the header instead'],
    },
  },
  ok: {
    means: 'the message is stored, or answered',
    fields: {
      id: ['string', 'required', 'of the message'],
      dup: ['boolean', 'optional', 'it was known already'],
      data: ['JSON', 'optional', 'the answer to a request'],
    },
  },
  err: {
    means: 'one message or topic was refused; without `id` and `topic` it is about the connection',
    fields: {
      id: ['string', 'optional', 'of the message'],
      topic: ['string', 'optional', 'that was asked for'],
      code: ['string', 'required', 'for programs'],
      message: ['string', 'required', 'for people'],
      retry: ['string', 'required', '`never`, `later` or `auth`; another one means `never`'],
      afterMs: ['number', 'optional', 'with `later`: not before that'],
    },
  },
  authok: {
    means: 'the answer to `auth`',
    fields: { expiresInMs: ['number', 'optional', 'how long the new credentials live'] },
  },
  reauth: { means: 'fresh credentials are wanted', fields: {} },
  goaway: {
    means: 'dial another connection, then hand over',
    fields: {
      afterMs: ['number', 'required', 'not before that'],
      spreadMs: ['number', 'required', 'plus a random part of that'],
      reason: ['string', 'optional', 'for people; at most 123 bytes'],
    },
  },
  ping: { means: 'are you there?', fields: { n } },
  pong: { means: 'the answer, with the same `n`', fields: { n } },
}
