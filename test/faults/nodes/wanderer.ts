// A client that speaks the protocol by hand, and remembers everything that could be held against a server: what was
// acknowledged, what came, what came twice, what was missing, which gaps were told.
import { WebSocket } from 'ws'

const TOPIC = 'flow'

type Frame = Readonly<Record<string, unknown>>

export interface Wanderer {
  /** What was handled, in order; a gap as `gap:` and its reason. */
  readonly heard: readonly string[]
  /** Events that were sent though they had been handled, and jumps that no gap told of. */
  readonly wrong: readonly Frame[]
  /** The nodes that served it. */
  readonly servedBy: ReadonlySet<string>
  /** Resolves when it is subscribed for the first time. */
  readonly ready: Promise<void>
  /** Resolves when the message is acknowledged, however long that takes. */
  send(data: string): Promise<void>
  /** Drops its connection without a word, and dials anew. */
  move(): void
  close(): void
}

interface Pending {
  readonly frame: Frame
  readonly done: () => void
}

/** Short, so that much happens in little time. */
const REDIAL_MS = 40

export function wanderer(url: string, client: string): Wanderer {
  const heard: string[] = []
  const wrong: Frame[] = []
  const servedBy = new Set<string>()
  const pending = new Map<string, Pending>()
  let subscribed = (): void => {}
  const ready = new Promise<void>(resolve => {
    subscribed = resolve
  })
  let socket: WebSocket
  let cursor: { epoch: string; seq: number } | null = null
  let counter = 0
  let closed = false
  let resend: ReturnType<typeof setTimeout> | undefined

  const tell = (frame: Frame): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame))
  }

  function resendAll(): void {
    for (const { frame } of pending.values()) tell(frame)
  }

  function next(frame: Frame): Frame {
    counter += 1
    return { t: 'msg', id: `${client}-${counter}`, ...frame }
  }

  function take(frame: Frame): void {
    const { epoch, seq, to, id } = frame
    switch (frame.t) {
      case 'welcome':
        resendAll()
        tell(next({ request: true, data: 'who' }))
        break
      case 'subbed':
        if (frame.recovered === false || cursor === null)
          cursor = { epoch: String(epoch), seq: cursor?.seq ?? Number(seq) }
        subscribed()
        break
      case 'gap':
        heard.push(`gap:${frame.reason}`)
        if (cursor) cursor = { ...cursor, seq: Number(to) }
        break
      case 'event':
        if (cursor === null || cursor.epoch !== epoch || cursor.seq + 1 !== seq) wrong.push(frame)
        cursor = { epoch: String(epoch), seq: Number(seq) }
        heard.push(String(frame.data))
        tell({ t: 'ack', topic: TOPIC, seq })
        break
      case 'ok':
        if (typeof frame.data === 'string') servedBy.add(frame.data)
        pending.get(String(id))?.done()
        pending.delete(String(id))
        break
      case 'err':
        if (frame.retry !== 'later') wrong.push(frame)
        resend ??= setTimeout(
          () => {
            resend = undefined
            resendAll()
          },
          Math.min(Number(frame.afterMs ?? 100), 100),
        )
    }
  }

  function dial(): void {
    const mine = new WebSocket(url, ['holdfast.v1'])
    socket = mine
    mine.on('open', () =>
      tell({ t: 'hello', v: 1, client, conn: `${client}.${Math.random()}`, topics: [{ topic: TOPIC, ...cursor }] }),
    )
    mine.on('message', message => {
      if (socket === mine) take(JSON.parse(String(message)))
    })
    mine.on('error', () => {})
    mine.on('close', () => {
      if (!closed && socket === mine) setTimeout(() => closed || dial(), REDIAL_MS * (1 + Math.random()))
    })
  }
  dial()

  return {
    heard,
    wrong,
    servedBy,
    ready,
    send(data) {
      const frame = next({ topic: TOPIC, data })
      return new Promise(resolve => {
        pending.set(String(frame.id), { frame, done: resolve })
        tell(frame)
      })
    },
    move: () => socket.terminate(),
    close() {
      closed = true
      clearTimeout(resend)
      socket.terminate()
    },
  }
}
