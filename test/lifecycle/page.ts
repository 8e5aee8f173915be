// What runs in the page of a visit: an app that writes down all it sees.
import { type Options, ResilientWebSocket } from '../../src/index.ts'

/** One line of a page's journal; `at` is epoch ms. */
export interface Entry {
  readonly at: number
  /** `dial`, `open`, `error`, `close 1006`, `signal frozen`, or what the page was told: `freeze`, `pageshow true`. */
  readonly what: string
}

const TOLD = ['online', 'offline', 'visibilitychange', 'freeze', 'resume', 'pagehide', 'pageshow', 'beforeunload']

/** Drawn from a window, it is nearly the whole of it: 3.6 s of the first backoff, 0.45 s after evidence. So a quick redial is no luck. */
Math.random = () => 0.9

/** Opens the socket, and leaves it and the journal where the test finds them: `socket`, `journal`, `messages`. */
export function keepJournal(options: Options): void {
  const journal: Entry[] = []
  const messages: { readonly at: number; readonly text: string }[] = []
  const write = (what: string): void => {
    journal.push({ at: Date.now(), what })
  }
  for (const type of TOLD) {
    const told = (event: Event): void =>
      write(
        'persisted' in event ? `${type} ${event.persisted}` : type.replace(/change$/, ` ${document.visibilityState}`),
      )
    addEventListener(type, told, true)
  }
  class JournalledWebSocket extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      write('dial')
      super(url, protocols)
    }
  }
  const socket = new ResilientWebSocket('/ws', [], {
    WebSocket: JournalledWebSocket,
    ...options,
    watch({ event }) {
      if (event.type === 'signal') write(`signal ${event.signal}`)
    },
  })
  socket.addEventListener('open', () => write('open'))
  socket.addEventListener('message', ({ data }) => messages.push({ at: Date.now(), text: String(data) }))
  socket.addEventListener('error', () => write('error'))
  socket.addEventListener('close', ({ code }) => write(`close ${code}`))
  Object.assign(globalThis, { socket, journal, messages, clock: options.clock })
}
