// The same servers as scripts, for fake timers: 20 ms away, and as polite as their clients need before they misbehave.
import type { Behaviour, Payload } from 'holdfast/testing'

const AWAY_MS = 20

type Answer = (message: Payload) => string | Uint8Array<ArrayBuffer> | undefined

const answers = {
  'graphql-ws': message => {
    if (message === '{"type":"connection_init"}') return '{"type":"connection_ack"}'
    return message === '{"type":"ping"}' ? '{"type":"pong"}' : undefined
  },
  'y-websocket': message => {
    if (!(message instanceof Uint8Array)) return undefined
    // Presence is told to everybody, its sender included. Sync step 1 is answered with step 2: the empty update.
    if (message[0] === 1) return message
    return message[0] === 0 && message[1] === 0 ? Uint8Array.of(0, 1, 2, 0, 0) : undefined
  },
  tRPC: message => (message === 'PING' ? 'PONG' : undefined),
  Phoenix: message => {
    const [joinRef, ref, topic] = JSON.parse(`${message}`)
    return JSON.stringify([joinRef, ref, topic, 'phx_reply', { status: 'ok', response: {} }])
  },
  rxjs: message => (message === '"ping"' ? '"pong"' : undefined),
} as const satisfies Readonly<Record<string, Answer>>

export type ClientName = keyof typeof answers

/** Accepts, speaks the protocol of that client, and after `afterMs` does as it is told. */
export function speaks(client: ClientName, then: Behaviour = () => {}, afterMs = 2 * AWAY_MS): Behaviour {
  return connection => {
    connection.after(AWAY_MS, () => {
      connection.accept()
      connection.heard(message => {
        const answer = answers[client](message)
        if (answer) connection.after(AWAY_MS, () => connection.send(answer))
      })
      connection.after(afterMs, () => then(connection))
    })
  }
}
