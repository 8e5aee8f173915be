import type { ScriptedConnection } from '../../src/testing/index.ts'
import type { Client, DropIn, Seen, Subject, Wish } from './subject.ts'
import type { World } from './world.ts'

/** A world with one subject in it. */
export interface Trial extends World {
  readonly subject: Subject
  open(wish?: Wish): Client
  /** The same in the shape of the platform's class. */
  socket(wish?: Wish): DropIn
}

/**
 * What a user wants, asserted of any subject. It uses `assert` with what was seen as the message: that is what the
 * registry quotes of those who fall.
 */
export type Proof = (trial: Trial) => Promise<void>

/** The proofs of a section, each under what it shows. */
export type Proofs = Readonly<Record<string, Proof>>

export function trialOf(subject: Subject, world: World): Trial {
  return {
    ...world,
    subject,
    open: wish => subject.open(wish),
    socket(wish) {
      if (!subject.socket) throw new Error(`${subject.name} is no class in the shape of WebSocket.`)
      return subject.socket(wish)
    },
  }
}

/** Proofs with the open connection that they begin with. */
export async function opened(trial: Trial, wish?: Wish): Promise<Client> {
  const client = trial.open(wish)
  await trial.advance(100)
  if (client.readyState !== 1) throw new Error(`${trial.subject.name} did not open.`)
  return client
}

/** The name of what it throws. */
export function thrownBy(act: () => unknown): string {
  try {
    act()
    return 'nothing'
  } catch (error) {
    return error instanceof Error ? error.name : String(error)
  }
}

/** The events that a client tells of, in order. */
export function journal(client: Client): Seen[] {
  const seen: Seen[] = []
  if (!client.listen) throw new Error('It has no listeners.')
  for (const type of ['open', 'message', 'error', 'close'] as const) client.listen(type, event => seen.push(event))
  return seen
}

/** A few words for a count. */
export function times(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** Ends every connection of the server in the same moment. */
export function dropAll({ server }: Trial): readonly ScriptedConnection[] {
  const lost = server.open
  for (const connection of lost) connection.reset()
  return lost
}

/** The most of these instants that lie within so many ms. */
export function mostWithin(ms: number, instants: readonly number[]): number {
  return Math.max(0, ...instants.map(first => instants.filter(at => at >= first && at < first + ms).length))
}
