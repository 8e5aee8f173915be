/** A server that understands the snippets: it answers what they say hello, authenticate, join and ping with, and speaks the session protocol with those who ask for it. */
import {
  type Behaviour,
  type ScriptedConnection,
  type ScriptedServer,
  scriptedServer,
  type VirtualClock,
} from 'holdfast/testing'
import { SessionServer } from '../../test/session/session-server.ts'

const ANSWERS: Readonly<Record<string, readonly object[]>> = {
  // Whoever asks for one of them takes that one.
  hello: [
    { type: 'hello', version: 3 },
    { type: 'present', users: ['Ada', 'Bob'] },
  ],
  auth: [{ type: 'welcome' }],
  join: [{ type: 'joined' }],
  ping: [{ type: 'pong' }],
}

function typeOf(message: unknown): string {
  try {
    return String(JSON.parse(String(message)).type)
  } catch {
    return ''
  }
}

const sessions = new SessionServer()

const answering: Behaviour = connection => {
  if (connection.dial.protocols.includes('holdfast.v1')) {
    sessions.behaviour(connection)
    return
  }
  connection.accept()
  connection.heard(message => {
    if (message === 'ping') connection.send('pong')
    for (const answer of ANSWERS[typeOf(message)] ?? []) connection.send(JSON.stringify(answer))
  })
}

/** Tells one connection something new, in the way that it speaks. */
export function news(connection: ScriptedConnection): void {
  const told = { type: 'news', text: 'hello', id: 1, seq: 1 }
  if (!connection.dial.protocols.includes('holdfast.v1')) connection.send(JSON.stringify(told))
  else for (const topic of ['default', 'orders']) sessions.publish(topic, told)
}

export function answeringServer(clock: VirtualClock): ScriptedServer {
  return scriptedServer(answering, { clock })
}
