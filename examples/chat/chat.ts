// The client: what the page uses, and the tests. Everything about connections is in the options of one socket.
import { type AuthProvider, firstMessage, type Message, type Options, ResilientWebSocket } from 'holdfast'
import { type ClientFrame, type Line, readServerFrame, type ServerFrame, written } from './frames.ts'

export interface ChatSettings {
  readonly url: string
  /** Signs in: asked for a token when there is none, and when the server refuses it. */
  readonly signIn: AuthProvider
  /** Of the socket: a clock and a WebSocket class in tests, a watcher in the page. */
  readonly options?: Options
}

/** What a room tells whoever looks at it. */
export interface RoomView {
  /** Once for every line, in the order in which the server heard them; those said before and while this client was away included. */
  readonly line: (line: Line) => void
  readonly people: (names: readonly string[]) => void
  readonly typing: (name: string) => void
}

/** Something that this client says. */
export interface Saying {
  readonly id: string
  /** `said`: the server has it, and so has everybody. `sent`: nobody knows yet. */
  readonly state: Message['state'] | 'said'
  /** Takes it back, while it is still queued. */
  cancel(): boolean
}

export interface Room {
  say(text: string): Saying
  /** Tells the others that somebody types here: now or never. */
  typing(): void
  leave(): void
}

export interface Chat {
  readonly socket: ResilientWebSocket
  /** Joins a room, now and on every connection. */
  enter(name: string, view: RoomView): Room
  close(): void
}

/** What a line may wait for a connection: later it would answer what nobody talks about any more. */
const WORTH_SAYING_MS = 300_000
/** Lines of a room that this client remembers: more than the server does, to know them again. */
const KEPT = 500

interface Unconfirmed {
  readonly frame: string
  readonly message: Message
}

/** A room as this client knows it, whoever looks at it. */
interface Known {
  readonly views: Set<RoomView>
  readonly lines: Map<string, Line>
  readonly unconfirmed: Map<string, Unconfirmed>
  people: readonly string[]
}

export function chat({ url, signIn, options }: ChatSettings): Chat {
  const known = new Map<string, Known>()

  const socket = new ResilientWebSocket(url, [], {
    auth: { provider: signIn, carry: firstMessage(token => written({ type: 'auth', token })) },
    // Not open before the server says so: a token that it refuses closes with 4401, and is renewed.
    beforeOpen: async connection => {
      await connection.receive(({ data }) => readServerFrame(data)?.type === 'welcome')
    },
    ...options,
  })

  const knowing = (name: string): Known => {
    const room = known.get(name) ?? { views: new Set(), lines: new Map(), unconfirmed: new Map(), people: [] }
    known.set(name, room)
    return room
  }

  function heard(room: Known, line: Line): void {
    room.unconfirmed.delete(line.id)
    if (room.lines.has(line.id)) return
    room.lines.set(line.id, line)
    for (const oldest of room.lines.keys()) if (room.lines.size > KEPT) room.lines.delete(oldest)
    for (const view of room.views) view.line(line)
  }

  function counted(room: Known, people: readonly string[]): void {
    room.people = people
    for (const view of room.views) view.people(people)
  }

  function obey(frame: ServerFrame | null): void {
    const room = frame && 'room' in frame ? known.get(frame.room) : undefined
    if (!room) return
    if (frame?.type === 'said') heard(room, frame.line)
    else if (frame?.type === 'people') counted(room, frame.people)
    else if (frame?.type === 'typing') for (const view of room.views) view.typing(frame.name)
  }

  socket.addEventListener('message', ({ data }) => obey(readServerFrame(data)))

  // What waited too long, or was dropped with its outbox, is not said again.
  socket.on('discard', () => {
    for (const { unconfirmed } of known.values()) {
      for (const [id, { message }] of unconfirmed) {
        if (message.state !== 'queued' && message.state !== 'sent') unconfirmed.delete(id)
      }
    }
  })

  return {
    socket,
    enter(name, view) {
      const room = knowing(name)
      room.views.add(view)
      for (const line of room.lines.values()) view.line(line)
      if (room.people.length) view.people(room.people)

      const leave = socket.subscribe(name, {
        async join(connection) {
          const send = (frame: ClientFrame): void => connection.send(written(frame))
          // Sent on a connection that broke, and never confirmed. What is queued follows by itself, after the joins.
          const doubtful = [...room.unconfirmed].filter(([, { message }]) => message.state === 'sent')
          send({ type: 'join', room: name })
          const { data } = await connection.receive(message => answers(readServerFrame(message.data), name))
          const answer = readServerFrame(data)
          if (answer?.type !== 'joined') throw new Error(answer?.type === 'refused' ? answer.why : 'No answer.')
          counted(room, answer.people)
          for (const line of answer.lines) heard(room, line)
          // What arrived is among those lines. The rest is said again, under the same id.
          for (const [id, { frame }] of doubtful) if (room.unconfirmed.has(id)) connection.send(frame)
        },
        leave: connection => connection.send(written({ type: 'leave', room: name })),
      })

      return {
        say(text) {
          const id = crypto.randomUUID()
          const frame = written({ type: 'say', room: name, id, text })
          const message = socket.send(frame, { ttlMs: WORTH_SAYING_MS })
          room.unconfirmed.set(id, { frame, message })
          return {
            id,
            get state() {
              return message.state === 'sent' && !room.unconfirmed.has(id) ? 'said' : message.state
            },
            cancel: () => message.cancel() && room.unconfirmed.delete(id),
          }
        },
        typing() {
          socket.send(written({ type: 'typing', room: name }), { volatile: true })
        },
        leave() {
          room.views.delete(view)
          leave()
          if (!room.views.size) known.delete(name)
        },
      }
    },
    close: () => socket.close(),
  }
}

/** The answer to the join of that room. */
function answers(frame: ServerFrame | null, room: string): boolean {
  return (frame?.type === 'joined' || frame?.type === 'refused') && frame.room === room
}
