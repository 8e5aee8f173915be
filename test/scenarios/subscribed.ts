import type { Subscription } from '../../src/index.ts'
import type { Story } from './story.ts'

/** A subscription that tells the server in words: `+key` and `-key`. */
export function words(key: string): Subscription {
  return { join: ({ send }) => send(`+${key}`), leave: ({ send }) => send(`-${key}`) }
}

export function subscribe({ socket }: Pick<Story, 'socket'>, key: string): () => void {
  return socket.subscribe(key, words(key))
}

/** What each connection of the server was told. */
export function told({ server }: Story): readonly (readonly unknown[])[] {
  return server.connections.map(({ received }) => received)
}

/** The network breaks, and the next connection comes up. */
export async function comesBack({ clock, server }: Story): Promise<void> {
  await clock.advance(0)
  server.latest.reset()
  await clock.advance(4_000)
}
