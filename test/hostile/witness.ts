import { type Options, type ResilientCloseEvent, type ResilientError, ResilientWebSocket } from '../../src/index.ts'
import { log } from '../../src/observe/index.ts'

/** A socket, and everything that an app and its log hear of it. */
export interface Witness {
  readonly socket: ResilientWebSocket
  /** `open`, `message x`, `error`, `close 1006`; messages beyond the first three of a connection are only counted. */
  readonly journal: readonly string[]
  readonly messages: number
  readonly closings: readonly ResilientCloseEvent[]
  readonly lines: readonly string[]
  readonly problems: readonly ResilientError[]
  /** Resolves when that was heard. */
  heard(entry: string): Promise<void>
}

const FIRST = 3
const SOON = (): number => 20

/** Dials with a backoff of 20 ms, unless told otherwise. */
export function witness(url: string, options: Options = {}): Witness {
  const journal: string[] = []
  const closings: ResilientCloseEvent[] = []
  const lines: string[] = []
  const problems: ResilientError[] = []
  const waiting = new Set<() => void>()
  let messages = 0
  const watch = log({ write: line => lines.push(line) })
  const socket = new ResilientWebSocket(url, [], { backoff: SOON, watch, ...options })
  const hear = (entry: string): void => {
    journal.push(entry)
    for (const look of waiting) look()
  }
  socket.on('problem', problem => problems.push(problem))
  socket.addEventListener('open', () => hear('open'))
  socket.addEventListener('message', ({ data }) => {
    messages++
    if (messages <= FIRST || journal.includes('close')) hear(`message ${`${data}`.slice(0, 20)}`)
  })
  socket.addEventListener('error', () => hear('error'))
  socket.addEventListener('close', event => {
    closings.push(event)
    hear('close')
  })
  return {
    socket,
    journal,
    closings,
    lines,
    problems,
    get messages() {
      return messages
    },
    heard: entry =>
      new Promise(resolve => {
        const look = (): void => {
          if (!journal.includes(entry)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
  }
}

/** Lines that tell of a connection that ended. */
export function endings(lines: readonly string[]): readonly string[] {
  return lines.filter(line => /^#\d+ \w+ \S+ websocket /.test(line))
}
