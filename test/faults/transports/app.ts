// The app of these tests, in a page and in Node: it listens, it speaks, and writes down all that it is told.
import { type Options, ResilientWebSocket, type Transport, websocket } from '../../../src/index.ts'
import { explain } from '../../../src/observe/index.ts'
import { polling } from '../../../src/polling/index.ts'
import { session } from '../../../src/session/index.ts'
import { sse } from '../../../src/sse/index.ts'

/** What the server says, counted from 0. */
export const TICKS = 'ticks'

/** How long nothing may happen between two messages of the app. */
export const EVERY_MS = 50

const WAYS = { websocket, sse, polling } satisfies Record<string, () => Transport>
export type Way = keyof typeof WAYS

export interface AppOptions {
  readonly url: string
  /** Its messages go to a topic of that name. */
  readonly name: string
  /** @defaultValue all of them */
  readonly ways?: readonly Way[]
  /** It speaks by itself, every 50 ms. @defaultValue true */
  readonly speaks?: boolean
}

/** `open`, `close 1006 …`, `serves sse: blocked`, or a line that a person on call reads, behind `> `. `at`: ms since the app began. */
export interface Entry {
  readonly at: number
  readonly what: string
}

/** All that the app knows. */
export interface Journal {
  /** Epoch ms. */
  readonly began: number
  readonly state: string
  readonly transport: string | null
  readonly why: string | null
  readonly entries: readonly Entry[]
  /** Ticks, in order; a gap as -1. */
  readonly heard: readonly number[]
  readonly sent: number
  readonly acknowledged: number
}

export interface App {
  look(): Journal
  say(): void
  /** Says nothing more by itself. */
  hush(): void
  close(): void
}

export function startApp({ url, name, ways, speaks = true }: AppOptions, more: Options = {}): App {
  const start = performance.now()
  const began = Date.now()
  const entries: Entry[] = []
  const heard: number[] = []
  let sent = 0
  let acknowledged = 0
  const write = (what: string): void => void entries.push({ at: Math.round(performance.now() - start), what })
  const socket = new ResilientWebSocket(url, [], {
    session: session({ topic: null }),
    transports: (ways ?? (['websocket', 'sse', 'polling'] as const)).map(way => WAYS[way]()),
    ...more,
    watch(record) {
      const line = explain(record)
      if (line !== null) write(`> ${line}`)
    },
  })
  socket.addEventListener('open', () => write('open'))
  socket.addEventListener('close', ({ code, reason }) => write(`close ${code} ${reason}`.trim()))
  socket.on('problem', ({ code }) => write(`problem ${code}`))
  let served = ''
  socket.on('status', ({ state, transport, degraded }) => {
    const now = `serves ${transport}: ${degraded?.why ?? 'preferred'}`
    if ((state !== 'open' && state !== 'degraded') || now === served) return
    served = now
    write(now)
  })
  const hear = ({ data }: { readonly data: unknown }): void => {
    if (!heard.length) write('heard')
    heard.push(Number(data))
  }
  socket.topic(TICKS).on(hear, { onGap: () => void heard.push(-1) })
  const up = socket.topic(name)
  const say = (): void => {
    up.send(sent++).delivered.then(
      () => {
        if (!acknowledged++) write('acknowledged')
      },
      () => write('undelivered'),
    )
  }
  const speaking = speaks ? setInterval(say, EVERY_MS) : undefined
  if (speaks) say()
  return {
    look: () => {
      const { state, transport, degraded } = socket.status
      const why = degraded?.why ?? null
      return { began, state, transport, why, entries: [...entries], heard: [...heard], sent, acknowledged }
    },
    say,
    hush: () => clearInterval(speaking),
    close() {
      clearInterval(speaking)
      socket.close()
    },
  }
}
