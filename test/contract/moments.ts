import { accepts, counts, echoes, holds, ignores, refuses } from './server.ts'
import type { Subject } from './subject.ts'
import { next } from './waiting.ts'

/** A point in the life of a socket at which a test can act. */
export interface Moment {
  readonly name: string
  /** What readyState is when `act` is called. */
  readonly readyState: number
  /** What readyState is right after a valid close(). */
  readonly afterClose: number
  /** Brings a socket to the moment and calls `act` in it, synchronously where it is a listener. */
  reach<T>(act: (socket: WebSocket) => T): Promise<T>
}

const { CONNECTING, OPEN, CLOSING, CLOSED } = WebSocket

export function momentsOf({ dial, opened, expected }: Subject): readonly Moment[] {
  function inside<T>(socket: WebSocket, type: keyof WebSocketEventMap, act: (socket: WebSocket) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const listener = () => {
        try {
          resolve(act(socket))
        } catch (problem) {
          reject(problem)
        }
      }
      socket.addEventListener(type, listener, { once: true })
    })
  }

  async function closed(): Promise<WebSocket> {
    const socket = await opened(accepts())
    socket.close()
    await next(socket, 'close')
    return socket
  }

  return [
    {
      name: 'while connecting',
      readyState: CONNECTING,
      afterClose: CLOSING,
      reach: async act => act(dial(holds())),
    },
    { name: 'while open', readyState: OPEN, afterClose: CLOSING, reach: async act => act(await opened(accepts())) },
    {
      name: 'while closing',
      readyState: CLOSING,
      afterClose: CLOSING,
      async reach(act) {
        const socket = await opened(ignores())
        socket.close()
        return act(socket)
      },
    },
    {
      name: 'while closing before the first open',
      readyState: CLOSING,
      afterClose: CLOSING,
      async reach(act) {
        const socket = dial(holds())
        socket.close()
        return act(socket)
      },
    },
    { name: 'after it closed', readyState: CLOSED, afterClose: CLOSED, reach: async act => act(await closed()) },
    {
      name: 'inside an open listener',
      readyState: OPEN,
      afterClose: CLOSING,
      reach: act => inside(dial(echoes()), 'open', act),
    },
    {
      name: 'inside a message listener',
      readyState: OPEN,
      afterClose: CLOSING,
      reach: act => inside(dial(counts(1)), 'message', act),
    },
    {
      name: 'inside an error listener',
      readyState: expected('readyState while the failure of a connection is reported', CLOSED) as number,
      afterClose: CLOSED,
      reach: act => inside(dial(refuses(401)), 'error', act),
    },
    {
      name: 'inside a close listener',
      readyState: CLOSED,
      afterClose: CLOSED,
      async reach(act) {
        const socket = await opened(accepts())
        socket.close()
        return inside(socket, 'close', act)
      },
    },
  ]
}
