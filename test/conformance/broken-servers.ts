/** The reference server with one line wrong each, and the rules that it then breaks. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BUSY, EVERYTHING, HURRIED } from './examine.ts'
import type { ReferenceOptions, referenceServer } from './reference-server.ts'

export interface BrokenServer {
  /** What it does, as a sentence about it. */
  readonly it: string
  /** Text of the reference server, which is there once. */
  readonly line: string
  readonly instead: string
  /** The checks that must fail. */
  readonly fails: readonly [string, ...string[]]
  /** Where the rule needs another server than one with everything. */
  readonly options?: ReferenceOptions
}

/** What a server author gets wrong first. */
export const TEN: readonly BrokenServer[] = [
  {
    it: 'skips a seq now and then',
    line: 'seq: ++log.head })',
    instead: 'seq: (log.head += log.head % 3 === 2 ? 2 : 1) })',
    fails: ['dense'],
  },
  {
    it: 'stores a resend again',
    line: 'if (known) return',
    instead: 'if (known) append(topic, { data, id })\n      if (known) return',
    fails: ['resend', 'resend-elsewhere'],
  },
  {
    it: 'sends gap after the events',
    line: "if (reason) this.send({ t: 'gap', topic, to: head, reason })",
    instead: "if (reason) setTimeout(() => this.send({ t: 'gap', topic, to: head, reason }), 700)",
    fails: ['gap-unknown', 'gap-epoch'],
  },
  {
    it: 'ignores credit',
    line: 'if (this.#unacked() >= LIMITS.unacked) return',
    instead: '',
    fails: ['credit-live', 'credit-resume', 'credit-all-topics', 'credit-returns', 'ack-forged'],
  },
  {
    it: 'closes on an unknown type',
    line: "else if (frame.t === 'bye') this.end(1000, 'bye')",
    instead: "else if (frame.t !== 'pong') this.end(frame.t === 'bye' ? 1000 : 1003, 'no such type')",
    fails: ['unknown-type'],
  },
  {
    it: 'welcomes before it knows who comes',
    line: "if (!credential) return this.end(4201, 'token not accepted')\n      this.client",
    instead:
      "if (!credential) this.send({ t: 'welcome', conn: '1', now: Date.now(), heartbeatMs })\n      if (!credential) return this.end(4201, 'token not accepted')\n      this.client",
    fails: ['token-refused'],
  },
  {
    it: 'takes the ids of other clients',
    line: 'client !== this.client) return refuse',
    instead: '!client) return refuse',
    fails: ['foreign-id'],
  },
  {
    it: 'resumes off by one',
    line: 'const from = reason || !isSeq(seq) ? head : seq',
    instead: 'const from = reason || !isSeq(seq) ? head : seq + 1',
    fails: ['resume'],
  },
  {
    it: 'closes where it has to send err',
    line: "this.send({ t: 'err', id: named(id, 128)",
    instead: "this.end(1008, code) ?? this.send({ t: 'err', id: named(id, 128)",
    fails: ['foreign-id', 'malformed-id', 'err-scoped'],
  },
  {
    it: 'handles every other message later',
    line: "else if (frame.t === 'msg') this.#msg(frame, bytes)",
    instead: "else if (frame.t === 'msg') setTimeout(() => this.#msg(frame, bytes), ++counted % 2 ? 15 : 0)",
    fails: ['order'],
  },
]

/** One more for every check that none of the ten fails: a check that nothing fails would be worth nothing. */
export const OTHERS: readonly BrokenServer[] = [
  {
    it: 'selects no subprotocol',
    line: "handleProtocols: () => 'holdfast.v1'",
    instead: 'handleProtocols: () => false',
    fails: ['subprotocol'],
  },
  {
    it: 'lets every Origin in',
    line: 'if (origin !== undefined && request.headers.origin !== origin)',
    instead: 'if (!request)',
    fails: ['origin'],
  },
  { it: 'takes anything for a hello', line: "frame.t !== 'hello' || ", instead: '', fails: ['hello-first'] },
  {
    it: 'takes any client for one',
    line: '!isText(frame.client, 64)',
    instead: "typeof frame.client !== 'string'",
    fails: ['hello-invalid'],
  },
  { it: 'speaks every version', line: 'frame.v !== 1', instead: 'frame.v === 0', fails: ['hello-version'] },
  {
    it: 'has no name for an absent hello',
    line: "end(4400, 'no hello')",
    instead: "end(1008, 'late')",
    fails: ['hello-timeout'],
    options: HURRIED,
  },
  {
    it: 'subscribes before it welcomes',
    line: "this.send({ t: 'welcome'",
    instead: "for (const topic of frame.topics.filter(isFields)) this.#sub(topic)\n      this.send({ t: 'welcome'",
    fails: ['welcome'],
  },
  {
    it: 'advertises a credit of one',
    line: 'limits: LIMITS })',
    instead: 'limits: { ...LIMITS, unacked: 1 } })',
    fails: ['welcome-numbers'],
  },
  {
    it: 'overlooks the topics of the hello',
    line: 'for (const topic of frame.topics.filter(isFields)) this.#sub(topic)',
    instead: '',
    fails: ['hello-topics'],
  },
  { it: 'says the head that was', line: 'seq: head }', instead: 'seq: Math.max(0, head - 1) }', fails: ['sub'] },
  {
    it: 'rewinds when it is asked twice',
    line: 'if (!known) this.#places.set(topic, { sent: head, pending: [] })',
    instead: 'this.#places.set(topic, { sent: head - Number(known !== undefined), pending: [] })',
    fails: ['sub-again'],
  },
  { it: 'goes on after unsub', line: 'this.#places.delete(named(topic, 256))', instead: '', fails: ['unsub'] },
  {
    it: 'takes topics of any length',
    line: "if (!isText(topic, 256)) return refuse('bad-topic')\n      if (topic.startsWith('secret')) return refuse('forbidden')\n      const { head }",
    instead:
      "if (typeof topic !== 'string' || topic.startsWith('secret')) return refuse('forbidden')\n      const { head }",
    fails: ['topic-name'],
  },
  {
    it: 'lets anybody listen',
    line: "if (topic.startsWith('secret')) return refuse('forbidden')\n      const { head }",
    instead: 'const { head }',
    fails: ['topic-forbidden'],
  },
  {
    it: 'spoils what is no ASCII',
    line: 'const text = JSON.stringify(frame)',
    instead: "const text = JSON.stringify(frame).replaceAll('€', '?')",
    fails: ['payload'],
  },
  {
    it: 'loses the first byte',
    line: 'Buffer.from(raw.subarray(end))',
    instead: 'Buffer.from(raw.subarray(end + 1))',
    fails: ['binary'],
  },
  {
    it: 'shows ids to everybody',
    line: ') ? { id } : {}',
    instead: ') || id ? { id } : {}',
    fails: ['event-id'],
  },
  { it: 'has another default topic', line: "topic = 'default'", instead: "topic = 'lobby'", fails: ['default-topic'] },
  {
    it: 'acknowledges what it does not store',
    line: 'if (request !== true) append',
    instead: 'if (request !== true && ++counted % 2) append',
    fails: ['ok'],
  },
  {
    it: 'remembers ids for one connection',
    line: 'const { keys } = logOf(topic)',
    instead: "const keys = Object.assign(this, { keys: Reflect.get(this, 'keys') ?? new Map() }).keys",
    fails: ['resend-elsewhere', 'resend-at-once'],
  },
  {
    it: 'records an id after it stored the event',
    line: 'keys.set(key, answer)',
    instead: 'setTimeout(() => keys.set(key, answer), 100)',
    fails: ['resend-at-once'],
  },
  { it: 'takes anything for a counter', line: '-[1-9]\\d*$/', instead: '-.*$/', fails: ['malformed-id'] },
  {
    it: 'takes messages of any size',
    line: "if (size(data, bytes) > LIMITS.messageBytes) return refuse('too-large')",
    instead: '',
    fails: ['too-large'],
  },
  {
    it: 'takes what follows a message that it refused for now',
    line: "if (this.#busyWith !== null && this.#busyWith !== id) return refuse('busy', 'later')",
    instead: '',
    fails: ['later-order'],
    options: BUSY,
  },
  { it: 'stores requests', line: 'if (request !== true) append', instead: 'append', fails: ['request'] },
  {
    it: 'sends the event at the cursor again',
    line: 'const from = reason || !isSeq(seq) ? head : seq',
    instead: 'const from = reason || !isSeq(seq) ? head : Math.max(0, seq - 1)',
    fails: ['resume-head', 'resume'],
  },
  {
    it: 'miscounts what is gone',
    line: 'from: place.sent + 1, to: oldest - 1',
    instead: 'from: place.sent + 1, to: oldest',
    fails: ['gap-expired'],
    options: { ...EVERYTHING, retained: 4 },
  },
  { it: 'believes a cursor from the future', line: ' || seq > head', instead: '', fails: ['gap-unknown'] },
  { it: 'does not look at the epoch', line: "theirs !== epoch ? 'epoch' : ", instead: '', fails: ['gap-epoch'] },
  {
    it: 'closes on a cursor that is none',
    line: 'const reason = theirs',
    instead: "if (!isSeq(seq)) return this.end(1008, 'no cursor')\n      const reason = theirs",
    fails: ['cursor-nonsense'],
  },
  {
    it: 'does not hear an ack',
    line: 'place.pending = place.pending.filter(sent => sent > seq)',
    instead: '',
    fails: ['credit-returns'],
  },
  {
    it: 'counts the credit of each topic by itself',
    line: 'if (this.#unacked() >= LIMITS.unacked) return',
    instead: 'if (place.pending.length >= LIMITS.unacked) break',
    fails: ['credit-all-topics'],
  },
  {
    it: 'closes on an ack for nothing',
    line: 'if (!place || !isSeq(seq)) return',
    instead: "if (!place || !isSeq(seq)) return this.end(1008, 'ack')",
    fails: ['ack-forged'],
  },
  { it: 'answers every ping with the same pong', line: 'n: frame.n', instead: 'n: 1', fails: ['pong'] },
  {
    it: 'never pings',
    line: "this.send({ t: 'ping', n: ++counted })",
    instead: 'counted',
    fails: ['heartbeat'],
    options: HURRIED,
  },
  { it: 'waits for ever', line: '> 2.5 * heartbeatMs', instead: '> 1e9', fails: ['silence'], options: HURRIED },
  { it: 'allows one connection', line: 'same.length > 2', instead: 'same.length > 1', fails: ['two-connections'] },
  {
    it: 'allows any number of connections',
    line: 'same.length > 2',
    instead: 'same.length > 9',
    fails: ['third-connection'],
  },
  { it: 'has a wrong code for bye', line: "this.end(1000, 'bye')", instead: "this.end(1001, 'bye')", fails: ['bye'] },
  {
    it: 'does not answer auth',
    line: "this.send({ t: 'authok', expiresInMs: credential.expiresInMs })",
    instead: '',
    fails: ['auth'],
  },
  {
    it: 'goes on with credentials that it refused',
    line: "if (!credential) return this.end(4201, 'token not accepted')\n      if (credential",
    instead: "if (!credential) return this.send({ t: 'authok' })\n      if (credential",
    fails: ['auth-refused'],
  },
  {
    it: 'lets an identity change',
    line: "if (credential.identity !== this.identity) return this.end(4110, 'another identity')",
    instead: '',
    fails: ['auth-identity'],
  },
  {
    it: 'does not end what has expired',
    line: "this.end(4201, 'token expired')",
    instead: '0',
    fails: ['auth-expiry'],
    options: HURRIED,
  },
  {
    it: 'ends by the first token what the second one renewed',
    line: 'this.#expire(credential.expiresInMs)',
    instead: '',
    fails: ['auth-renews'],
    options: HURRIED,
  },
  {
    it: 'goes by the client alone',
    line: 'by === this.identity && ',
    instead: '',
    fails: ['identity-scope'],
  },
  {
    it: 'remembers ids for all identities together',
    line: '.identity}|',
    instead: '.identity.slice(99)}|',
    fails: ['identity-scope'],
  },
  {
    it: 'knows all fields there are',
    line: 'if (frame.v !== 1) return',
    instead: "if ('future' in frame) return this.end(4400, 'unknown field')\n      if (frame.v !== 1) return",
    fails: ['unknown-field'],
  },
  {
    it: 'closes on garbage',
    line: "if (!isFields(frame)) return this.send({ t: 'err', code: 'bad-frame', message: 'no frame', retry: 'never' })",
    instead: "if (!isFields(frame)) return this.end(1003, 'garbage')",
    fails: ['garbage'],
  },
  {
    it: 'leaves a field out',
    line: "code: 'bad-frame', message: 'no frame', retry: 'never'",
    instead: "code: 'bad-frame'",
    fails: ['frames'],
  },
]

const SOURCE = fileURLToPath(new URL('./reference-server.ts', import.meta.url))
const FOLDER = fileURLToPath(new URL('../../.cache/conformance', import.meta.url))

/** The reference server with that line wrong. @throws when the line is not there exactly once. */
export async function brokenServer({ it, line, instead }: BrokenServer): Promise<typeof referenceServer> {
  const parts = (await readFile(SOURCE, 'utf8')).split(line)
  if (parts.length !== 2) throw new Error(`"${it}": the line is there ${parts.length - 1} times: ${line}`)
  const file = join(FOLDER, `${it.replaceAll(/\W+/g, '-')}.ts`)
  await mkdir(FOLDER, { recursive: true })
  await writeFile(file, parts.join(instead))
  const module: { readonly referenceServer: typeof referenceServer } = await import(/* @vite-ignore */ file)
  return module.referenceServer
}
