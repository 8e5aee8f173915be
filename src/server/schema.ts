import { z } from 'zod'
import { type ClientFrame, ID_BYTES, type ServerFrame, TOPIC_BYTES } from '../session/frames.ts'

/** A type whose optional fields may also be there and undefined, as a schema gives them. */
export type Loose<T> = T extends readonly (infer U)[]
  ? readonly Loose<U>[]
  : T extends object
    ? { readonly [K in keyof T]: object extends Pick<T, K> ? Loose<T[K]> | undefined : Loose<T[K]> }
    : T

/** Topics in one `hello`: more are refused as a frame, and those beyond `limits.topics` one by one. */
const HELLO_TOPICS = 10_000

const bytes = (most: number) =>
  z
    .string()
    .max(most)
    .refine(text => Buffer.byteLength(text) <= most)
const seq = z.int().min(0)
const n = z.number().optional()
const topic = bytes(TOPIC_BYTES).min(1)
const cursor = { epoch: bytes(ID_BYTES).optional(), seq: seq.optional() }

/** What a client may send. Fields that are not known do not matter; sizes and counts do. */
export const clientFrame: z.ZodType<Loose<ClientFrame>> = z.discriminatedUnion('t', [
  z.object({
    t: z.literal('hello'),
    v: z.number(),
    schema: z.number().optional(),
    client: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
    conn: bytes(ID_BYTES).min(1),
    token: z.string().optional(),
    topics: z.array(z.object({ topic, ...cursor })).max(HELLO_TOPICS),
  }),
  z.object({ t: z.literal('sub'), topic, ...cursor }),
  z.object({ t: z.literal('unsub'), topic }),
  z.object({
    t: z.literal('msg'),
    id: bytes(ID_BYTES).min(1),
    topic: topic.optional(),
    data: z.unknown().optional(),
    request: z.boolean().optional(),
  }),
  z.object({ t: z.literal('ack'), topic, seq }),
  z.object({ t: z.literal('auth'), token: z.string() }),
  z.object({ t: z.enum(['ping', 'pong']), n }),
  z.object({ t: z.literal('bye') }),
])

/** What is known of a frame that did not fit: enough to answer it. */
export const anyFrame: z.ZodType<{ readonly t: string; readonly id?: unknown; readonly topic?: unknown }> = z.object({
  t: z.string(),
  id: z.unknown().optional(),
  topic: z.unknown().optional(),
})

/** Types that a client may send; others are ignored. */
export const CLIENT_TYPES: ReadonlySet<string> = new Set([
  'hello',
  'sub',
  'unsub',
  'msg',
  'ack',
  'auth',
  'ping',
  'pong',
  'bye',
])

const text = z.string()
const limits = z.object({ messageBytes: n, inFlight: n, unacked: n, dedupeMs: n })

/** What a server may send: the guard of the client (session/frames.ts) accepts and refuses the same. */
export const serverFrame: z.ZodType<Loose<ServerFrame>> = z.discriminatedUnion('t', [
  z.object({
    t: z.literal('welcome'),
    conn: text,
    now: z.number(),
    identity: text.optional(),
    heartbeatMs: z.number(),
    authExpiresInMs: n,
    schema: seq.optional(),
    limits: limits.optional(),
  }),
  z.object({ t: z.literal('subbed'), topic: text, epoch: text, seq, recovered: z.boolean() }),
  z.object({ t: z.literal('gap'), topic: text, from: seq.optional(), to: seq, reason: text }),
  z.object({
    t: z.literal('event'),
    topic: text,
    epoch: text,
    seq,
    id: text.optional(),
    data: z.unknown().optional(),
  }),
  z.object({ t: z.literal('ok'), id: text, dup: z.boolean().optional(), data: z.unknown().optional() }),
  z.object({
    t: z.literal('err'),
    id: text.optional(),
    topic: text.optional(),
    code: text,
    message: text,
    retry: text,
    afterMs: n,
  }),
  z.object({ t: z.literal('authok'), expiresInMs: n }),
  z.object({ t: z.literal('reauth') }),
  z.object({ t: z.literal('goaway'), afterMs: z.number(), spreadMs: z.number(), reason: text.optional() }),
  z.object({ t: z.enum(['ping', 'pong']), n }),
])
