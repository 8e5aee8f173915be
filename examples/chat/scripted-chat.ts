// The chat without a network: the server's own rooms behind a scripted server, under a virtual clock.
import type { AuthProvider } from 'holdfast'
import {
  type Behaviour,
  type ScriptedConnection,
  type ScriptedServer,
  scriptedServer,
  type VirtualClock,
  virtualClock,
} from 'holdfast/testing'
import { type Chat, chat } from './chat.ts'
import { type ClientFrame, readClientFrame } from './frames.ts'
import { rooms } from './rooms.ts'

export interface ScriptedChat {
  readonly clock: VirtualClock
  readonly server: ScriptedServer
  /** Nothing that the server says on this connection gets through. */
  muted: ScriptedConnection | null
  /** The tokens that are good, and whose they are. */
  readonly good: Map<string, string>
  /** A client; its token is its name, unless it has a way of signing in of its own. */
  client(name: string, signIn?: AuthProvider): Chat
  /** What the server heard on the connection of that number, but for the tokens. */
  heard(number: number): readonly (ClientFrame | 'auth')[]
  /** Every connection is closed with 1012. */
  restart(): void
}

export function scriptedChat(): ScriptedChat {
  // Chance is a steady 0.5: the first wait is 2 s.
  const clock = virtualClock({ rolls: [0.5] })
  const good = new Map<string, string>()
  const { receive } = rooms({
    names: ['harbour', 'lighthouse'],
    nameOf: token => good.get(token) ?? null,
    now: clock.wall,
  })

  const serve: Behaviour = connection => {
    connection.accept()
    const guest = receive({
      send: message => connection.state === 'open' && story.muted !== connection && connection.send(message),
      close: (code, reason) => connection.close(code, reason),
    })
    connection.heard(message => guest.heard(message))
  }
  const server = scriptedServer(serve, { clock })

  const story: ScriptedChat = {
    clock,
    server,
    muted: null,
    good,
    client(name, signIn) {
      if (!signIn) good.set(name, name)
      const options = { clock, WebSocket: server.WebSocket }
      return chat({ url: 'wss://chat.example/', signIn: signIn ?? (() => name), options })
    },
    heard(number) {
      const frames = server.connections[number - 1]?.received.map(readClientFrame) ?? []
      return frames.flatMap(frame => (frame ? [frame.type === 'auth' ? 'auth' : frame] : []))
    },
    restart() {
      for (const connection of server.open) connection.close(1012, 'restart')
    },
  }
  return story
}
