/** The connection that reads and writes: scripts within a deadline, and whether anything can be stored at all. */
import { createHash } from 'node:crypto'
import { LogUnavailable } from './log.ts'
import { type Answer, answer as answerOf, LogCorrupt, runOf } from './redis-answer.ts'
import { ended, isCluster, ownConnection, type RedisClient } from './redis-client.ts'
import { gate } from './redis-gate.ts'
import { PROBE, type Script } from './redis-scripts.ts'

/** What a script is run on. */
export interface Call {
  readonly script: Script
  readonly keys: readonly string[]
  /** Asked anew for every try. */
  readonly args: () => readonly (string | Uint8Array | number)[]
  /** May be sent again when it is not known whether it was done. */
  readonly repeatable: boolean
}

export interface Link {
  /** Resolves when there is a connection; rejects when nothing can be stored now, or there is none within the deadline. */
  usable(): Promise<void>
  run(call: Call): Promise<Answer>
  /** Told `false` at once when nothing can be stored now. */
  onAvailable(listener: (available: boolean) => void): () => void
  /** Told of every connection that is made. */
  onReady(listener: () => void): void
  /** When a connection to that life of Redis was last lost, in monotonic ms; -Infinity for never, Infinity for nobody knows. */
  lostAt(run: string): number
  close(): Promise<void>
}

/** How long a connection may be away before anybody is told: the restart of a Redis on the same machine takes half of it. */
const GRACE_MS = 500
/** Between two looks at whether something can be stored again, and between two tries of one call. */
const PROBE_MS = 200
const PAUSE_MS = 25

/** Lives of Redis whose end is remembered: as many as a topic keeps. */
const MOST_LIVES = 8

/** The words of ioredis. */
const TIMED_OUT = 'Command timed out'

const monotonic = (): number => performance.now()
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** What Redis said, without what it repeats of a command: that may be an event of somebody's. */
function toldBy(error: unknown): string {
  const message = error instanceof Error ? error.message : 'no reason given'
  return (
    message
      .split(/,? with args|script:/)[0]
      ?.trim()
      .slice(0, 200) ?? ''
  )
}

/** Settles as `promise` does, or fails as ioredis would. */
function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(TIMED_OUT)), ms)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** Redis answered, and the answer was no. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError'
}

export function redisLink(client: RedisClient, prefix: string, deadlineMs: number): Link {
  const connection = ownConnection(client, deadlineMs)
  const listeners = new Set<(available: boolean) => void>()
  const readies: (() => void)[] = []
  const timers = new Set<ReturnType<typeof setTimeout>>()
  const digests = new Map<string, string>()
  /** Scripts that this connection has seen run: before that, the text is sent, so that calls keep their order. */
  const loaded = new Set<Script>()
  const ready = gate(unavailable)
  let available = true
  let closed = false
  let life = ''
  const lostAt = new Map<string, number>()
  let reason = 'the connection was lost'

  function schedule(ms: number, fn: () => void): void {
    if (closed) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      fn()
    }, ms)
    timers.add(timer)
  }

  function tell(now: boolean): void {
    if (available === now || closed) return
    available = now
    if (!now) {
      ready.clear()
      schedule(PROBE_MS, probe)
    }
    for (const listener of [...listeners]) listener(now)
  }

  function unavailable(): LogUnavailable {
    return new LogUnavailable(
      closed
        ? 'The log is closed.'
        : `Redis stores nothing now: ${reason}. Nothing was acknowledged; the same message may come again.`,
    )
  }

  /** Asks which life of Redis this is, before anything else. */
  async function begin(): Promise<void> {
    let told: unknown = ''
    try {
      // A cluster has many, and asks any.
      if (!isCluster(client)) told = await connection.callBuffer('info', ['server'])
    } catch (error) {
      if (!isRefusal(error)) return closed ? undefined : connection.disconnect(true)
    }
    if (closed) return
    life = runOf(told)
    loaded.clear()
    ready.open()
    for (const listener of [...readies]) listener()
  }

  function noteLoss(): void {
    lostAt.delete(life)
    lostAt.set(life, monotonic())
    if (lostAt.size > MOST_LIVES) for (const oldest of lostAt.keys()) return void lostAt.delete(oldest)
  }

  connection.on('ready', () => void begin())
  connection.on('close', () => {
    if (!ready.isOpen || closed) return
    ready.shut()
    noteLoss()
    reason = 'the connection was lost'
    schedule(GRACE_MS, () => {
      if (!ready.isOpen) tell(false)
    })
  })
  // A client whose sentinels are all away gives up; this one does not.
  connection.on('end', () => {
    if (!closed) schedule(GRACE_MS, () => connection.connect().catch(() => {}))
  })
  // A Redis that is away from the beginning is lost too.
  schedule(deadlineMs, () => {
    if (!ready.isOpen) tell(false)
  })

  function probe(): void {
    const again = (): void => schedule(PROBE_MS, probe)
    const failed = (error: unknown): void => {
      // One that swallows what it is sent would do so until TCP gives up: for a quarter of an hour.
      if (toldBy(error) === TIMED_OUT) connection.disconnect(true)
      again()
    }
    if (ready.isOpen) call(PROBE, [`${prefix}:probe`], []).then(() => tell(true), failed)
    else again()
  }

  function whenReady(until: number): Promise<void> {
    if (closed || !available) return Promise.reject(unavailable())
    return ready.pass(until - monotonic(), () => tell(false))
  }

  async function call(
    script: Script,
    keys: readonly string[],
    args: readonly (string | Uint8Array | number)[],
  ): Promise<unknown> {
    const all = [keys.length, ...keys, ...args.map(each => (typeof each === 'object' ? asBuffer(each) : each))]
    if (loaded.has(script)) {
      try {
        return await connection.callBuffer('evalsha', [digestOf(script), ...all])
      } catch (error) {
        if (!isRefusal(error) || !toldBy(error).startsWith('NOSCRIPT')) throw error
      }
    }
    const reply = await connection.callBuffer('eval', [script.lua, ...all])
    loaded.add(script)
    return reply
  }

  function digestOf({ name, lua }: Script): string {
    const known = digests.get(name) ?? createHash('sha1').update(lua).digest('hex')
    digests.set(name, known)
    return known
  }

  /** What a failure means: an error to throw, or `null` for another try. */
  function judge(error: unknown, repeatable: boolean, unsent: boolean): Error | null {
    const told = toldBy(error)
    if (isRefusal(error)) {
      if (/^(HOLDFAST|WRONGTYPE)/.test(told)) return new LogCorrupt(told.replace('HOLDFAST ', ''))
      reason = told
      tell(false)
      // After a failover the old address leads to a replica.
      if (told.startsWith('READONLY')) connection.disconnect(true)
      return unavailable()
    }
    if (told === TIMED_OUT) {
      reason = `it did not answer within ${deadlineMs} ms`
      tell(false)
      connection.disconnect(true)
      return unavailable()
    }
    return repeatable || unsent ? null : unavailable()
  }

  async function run({ script, keys, args, repeatable }: Call): Promise<Answer> {
    const until = monotonic() + deadlineMs
    for (;;) {
      await whenReady(until)
      let answer: Answer | undefined
      try {
        answer = answerOf(await within(until - monotonic(), call(script, keys, args())))
      } catch (error) {
        const failure = judge(error, repeatable, toldBy(error).startsWith("Stream isn't writeable"))
        if (failure) throw failure
      }
      if (answer && answer.word !== 'wait') return answer
      if (answer) reason = 'it was restarted, and it is not known yet whether it lost something'
      if (monotonic() >= until) {
        if (!answer) tell(false)
        throw unavailable()
      }
      await pause(PAUSE_MS)
    }
  }

  return {
    usable: () => whenReady(monotonic() + deadlineMs),
    run,
    onAvailable(listener) {
      listeners.add(listener)
      if (!available) listener(false)
      return () => {
        listeners.delete(listener)
      }
    },
    onReady: listener => readies.push(listener),
    lostAt: of => lostAt.get(of) ?? (of === life ? -Infinity : Infinity),
    async close() {
      if (closed) return
      closed = true
      for (const timer of timers) clearTimeout(timer)
      ready.close()
      await ended(connection)
    },
  }
}
