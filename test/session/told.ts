import { session } from '../../src/session/index.ts'
import { type Setting, type Story, story } from '../scenarios/story.ts'
import { SessionServer, type SessionServerOptions } from './session-server.ts'

export interface SessionStory extends Story {
  readonly log: SessionServer
}

/** A socket in a session that has opened, with its server. */
export async function told(setting: Setting = {}, server: SessionServerOptions = {}): Promise<SessionStory> {
  const log = new SessionServer(server)
  const made = story({ behaviour: log.behaviour, ...setting, options: { session: session(), ...setting.options } })
  await made.clock.advance(0)
  return { ...made, log }
}
