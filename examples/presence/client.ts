/** Who is online, in the page. */
import { type Options, ping, ResilientWebSocket } from 'holdfast'
import { type ClientFrame, readServerFrame } from './frames.ts'

export interface Presence {
  /** Everybody who is here; while the connection is away, everybody who was. */
  readonly users: readonly string[]
  /** `false` when nothing has been heard for a minute: show the list as old, or not at all. */
  readonly fresh: boolean
  /** Called when `users` or `fresh` has changed. The result undoes it. */
  onChange(fn: () => void): () => void
  /** Says goodbye: the others see it at once, and not after the grace period. */
  leave(): void
}

const say = (frame: ClientFrame): string => JSON.stringify(frame)

export function presence(url: string, user: string, options: Options = {}): Presence {
  let users: readonly string[] = []
  const listeners = new Set<() => void>()
  const tell = (): void => {
    for (const fn of [...listeners]) fn()
  }
  const show = (next: readonly string[]): void => {
    // The list of a new connection is the old one, mostly: then there is nothing to draw.
    if ([...next].sort().join('\n') === [...users].sort().join('\n')) return
    users = next
    tell()
  }

  const socket = new ResilientWebSocket(url, [], {
    heartbeat: ping({ message: say({ type: 'ping' }), pong: ({ data }) => readServerFrame(data)?.type === 'pong' }),
    ...options,
    // On every connection, before it counts as open: what the server says meanwhile is delivered after `open`, in order.
    beforeOpen: async ({ send, receive }) => {
      send(say({ type: 'hello', user }))
      const { data } = await receive(event => readServerFrame(event.data)?.type === 'present')
      const frame = readServerFrame(data)
      if (frame?.type === 'present') show(frame.users)
    },
  })
  socket.addEventListener('message', ({ data }) => {
    const frame = readServerFrame(data)
    if (frame?.type === 'came') show([...users.filter(name => name !== frame.user), frame.user])
    if (frame?.type === 'went') show(users.filter(name => name !== frame.user))
  })
  let fresh = true
  socket.on('status', ({ limited, state }) => {
    const now = !limited && state !== 'closed'
    if (now === fresh) return
    fresh = now
    tell()
  })

  return {
    get users() {
      return users
    },
    get fresh() {
      return fresh
    },
    onChange(fn) {
      listeners.add(fn)
      return () => {
        listeners.delete(fn)
      }
    },
    leave() {
      // Nobody is to be told later that somebody left.
      socket.send(say({ type: 'bye' }), { volatile: true })
      socket.close()
    },
  }
}
