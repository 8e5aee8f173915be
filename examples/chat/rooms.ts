// What the server knows: who is in which room, and what was said. No network in here: the server gives it connections,
// and so do the tests.
import { type ClientFrame, type Line, readClientFrame, type ServerFrame, written } from './frames.ts'

/** The way back to one client. */
export interface Peer {
  send(message: string): void
  close(code: number, reason: string): void
}

/** What a connection tells the rooms. */
export interface Guest {
  heard(message: unknown): void
  gone(): void
}

export interface Rooms {
  /** A connection has come. It says who it is before anything else. */
  receive(peer: Peer): Guest
}

export interface RoomsSettings {
  readonly names: readonly string[]
  /** Whose token that is; `null` when it is not good, or not good any more. */
  nameOf(token: string): string | null
  now(): number
}

interface Room {
  readonly members: Map<Peer, string>
  lines: readonly Line[]
}

/** What a room remembers, for those who come back. */
const REMEMBERED = 100
/** The standard table of close codes refreshes the token on this one. */
const BAD_TOKEN = 4401
/** Unsupported data [RFC 6455 §7.4.1]: the same client will send the same again. */
const NO_FRAME = 1003

export function rooms({ names, nameOf, now }: RoomsSettings): Rooms {
  const known = new Map(names.map((name): [string, Room] => [name, { members: new Map(), lines: [] }]))
  const peopleIn = ({ members }: Room): readonly string[] => [...new Set(members.values())].sort()

  function tell({ members }: Room, frame: ServerFrame, but?: Peer): void {
    // Serialized once, not once per member.
    const message = written(frame)
    for (const member of members.keys()) if (member !== but) member.send(message)
  }

  function leave(peer: Peer, name: string, room: Room): void {
    if (room.members.delete(peer)) tell(room, { type: 'people', room: name, people: peopleIn(room) })
  }

  function join(peer: Peer, who: string, name: string): void {
    const room = known.get(name)
    if (!room) {
      peer.send(written({ type: 'refused', room: name, why: 'There is no such room.' }))
      return
    }
    room.members.set(peer, who)
    const people = peopleIn(room)
    peer.send(written({ type: 'joined', room: name, people, lines: room.lines }))
    tell(room, { type: 'people', room: name, people }, peer)
  }

  function obey(peer: Peer, who: string, frame: Exclude<ClientFrame, { readonly type: 'auth' }>): void {
    const room = known.get(frame.room)
    if (frame.type === 'join') {
      join(peer, who, frame.room)
      return
    }
    // Only members are heard.
    if (!room?.members.has(peer)) return
    if (frame.type === 'leave') leave(peer, frame.room, room)
    else if (frame.type === 'typing') tell(room, { type: 'typing', room: frame.room, name: who }, peer)
    else {
      const { id, text } = frame
      const before = room.lines.find(line => line.id === id)
      const line = before ?? { id, text, from: who, at: now() }
      // Said again because nobody knew whether it had arrived: it had, and the others have seen it.
      if (before) peer.send(written({ type: 'said', room: frame.room, line }))
      else {
        room.lines = [...room.lines, line].slice(-REMEMBERED)
        tell(room, { type: 'said', room: frame.room, line })
      }
    }
  }

  return {
    receive(peer) {
      let who: string | null = null
      return {
        heard(message) {
          const frame = readClientFrame(message)
          if (!frame) peer.close(NO_FRAME, 'Expected a frame of this chat.')
          else if (frame.type === 'auth') {
            who = nameOf(frame.token)
            if (who === null) peer.close(BAD_TOKEN, 'The token is not good any more.')
            else peer.send(written({ type: 'welcome', name: who }))
          } else if (who === null) peer.close(BAD_TOKEN, 'Say who you are first.')
          else obey(peer, who, frame)
        },
        gone() {
          for (const [name, room] of known) leave(peer, name, room)
        },
      }
    },
  }
}
