/** The server without a network: it takes messages and gives messages, so a test can stand in for the sockets. */
import { type ClientFrame, readClientFrame, type ServerFrame } from './frames.ts'
import { roster, type Seat, type World } from './roster.ts'

/** A connection, as the room sees it. */
export interface Line {
  send(text: string): void
  close(code: number, reason: string): void
}

export interface Room {
  readonly users: readonly string[]
  /** A connection that was accepted: what to call when it says something, and when it has ended. */
  receive(line: Line): { heard(text: string): void; gone(): void }
}

export function room(after: World['after'], graceMs?: number): Room {
  const lines = new Set<Line>()
  const tell = (line: Line, frame: ServerFrame): void => line.send(JSON.stringify(frame))
  const people = roster(
    {
      after,
      changed: (user, here) => {
        for (const line of lines) tell(line, { type: here ? 'came' : 'went', user })
      },
    },
    graceMs,
  )
  return {
    get users() {
      return people.users
    },
    receive(line) {
      let seat: Seat | undefined
      const act = (frame: ClientFrame | null): void => {
        if (frame?.type === 'ping') tell(line, { type: 'pong' })
        else if (frame?.type === 'bye') seat?.bye()
        else if (frame?.type === 'hello' && !seat) {
          // In a real app the user comes from the credential, not from what somebody says.
          seat = people.sit(frame.user)
          tell(line, { type: 'present', users: people.users })
          lines.add(line)
        } else line.close(1008, 'expected a hello, once')
      }
      return {
        heard: text => act(readClientFrame(text)),
        gone() {
          lines.delete(line)
          seat?.dropped()
        },
      }
    },
  }
}
