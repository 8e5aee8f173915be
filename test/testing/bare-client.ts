import { type Behaviour, scriptedServer, virtualClock } from '../../src/testing/index.ts'

export const URL_OF_SERVER = 'ws://server.example/'

/** A bare client, with what it saw and the readyState it saw it in. */
export function client(behaviour?: Behaviour, protocols?: string | string[], options = {}) {
  const clock = virtualClock()
  const server = scriptedServer(behaviour, { clock, ...options })
  const socket = new server.WebSocket(URL_OF_SERVER, protocols)
  const seen: string[] = []
  socket.addEventListener('open', () => seen.push(`open ${socket.readyState}`))
  socket.addEventListener('message', ({ data }) => seen.push(`message ${data}`))
  socket.addEventListener('error', () => seen.push(`error ${socket.readyState}`))
  socket.addEventListener('close', ({ code, reason, wasClean }) =>
    seen.push(`close ${socket.readyState} ${code} ${reason} ${wasClean}`),
  )
  return { clock, server, socket, seen }
}
