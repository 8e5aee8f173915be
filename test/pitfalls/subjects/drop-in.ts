import type { Client, DropIn, Subject, Wish } from '../subject.ts'

/** How an app keeps a room with a class that knows none: it joins when a connection opens, and says when it leaves. */
export function roomOf(client: Pick<Client, 'send' | 'listen'>): NonNullable<Client['join']> {
  return (join, leave) => {
    client.listen?.('open', () => client.send(join))
    return () => client.send(leave)
  }
}

/** A subject in the shape of the platform's class, and what is special about it. */
export function dropIn<T extends DropIn>(
  about: Omit<Subject, 'open' | 'socket'>,
  construct: (wish: Wish) => T,
  special: (socket: T) => Pick<Client, 'reconnect' | 'join' | 'on'> = () => ({}),
): Subject {
  return {
    ...about,
    socket: (wish = {}) => construct(wish),
    open(wish = {}) {
      const socket = construct(wish)
      const client: Client = {
        get readyState() {
          return socket.readyState
        },
        get url() {
          return socket.url
        },
        get binaryType() {
          return socket.binaryType
        },
        set binaryType(type) {
          socket.binaryType = type
        },
        send: data => socket.send(data),
        close: (code, reason) => socket.close(code, reason),
        listen: (type, listener) => socket.addEventListener(type, listener),
        unlisten: (type, listener) => socket.removeEventListener(type, listener),
      }
      return Object.assign(client, { join: roomOf(client) }, special(socket))
    },
  }
}
