/** A server that understands the snippets: it answers what they say hello, authenticate, join and ping with. */
import { type Behaviour, type ScriptedServer, scriptedServer, type VirtualClock } from 'holdfast/testing'

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

const answering: Behaviour = connection => {
  connection.accept()
  connection.heard(message => {
    if (message === 'ping') connection.send('pong')
    for (const answer of ANSWERS[typeOf(message)] ?? []) connection.send(JSON.stringify(answer))
  })
}

export function answeringServer(clock: VirtualClock): ScriptedServer {
  return scriptedServer(answering, { clock })
}
