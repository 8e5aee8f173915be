import type { DedupeOptions, ResumeOptions } from '../../src/index.ts'
import type { Behaviour, ScriptedConnection } from '../../src/testing/index.ts'

/** An event of the feed, as it travels. */
interface FeedEvent {
  readonly id: number
}

/** A server with a log that knows nothing of Holdfast: it tells every connection that has joined, and replays when asked. */
export interface Feed {
  readonly behaviour: Behaviour
  /** The events so far: their ids are 1, 2, 3 … */
  readonly count: number
  /** One more event, for everybody. */
  publish(): void
}

export interface FeedOptions {
  /** How long an event travels on that connection, in ms. @defaultValue 0 */
  readonly latencyMs?: (connection: ScriptedConnection) => number
  /** A connection hears nothing until it has sent `join`. @defaultValue false */
  readonly joins?: boolean
}

export function feed({ latencyMs = () => 0, joins = false }: FeedOptions = {}): Feed {
  let count = 0
  const listening = new Map<ScriptedConnection, (id: number) => void>()

  function listen(connection: ScriptedConnection): void {
    const waiting: number[] = []
    listening.set(connection, id => {
      waiting.push(id)
      // In order, however long each of them takes.
      connection.after(latencyMs(connection), () => {
        for (const next of waiting.splice(0, waiting.indexOf(id) + 1)) {
          if (connection.state === 'open') connection.send(JSON.stringify({ id: next }))
        }
      })
    })
  }

  return {
    get count() {
      return count
    },
    publish() {
      count++
      for (const [connection, tell] of listening) {
        if (connection.state === 'open') tell(count)
        else listening.delete(connection)
      }
    },
    behaviour: connection => {
      connection.accept()
      if (!joins) listen(connection)
      connection.heard(message => {
        if (message === 'join') listen(connection)
        const [, since] = /^since (\d+)$/.exec(`${message}`) ?? []
        if (since === undefined) return
        listen(connection)
        for (let id = Number(since) + 1; id <= count; id++) listening.get(connection)?.(id)
      })
    },
  }
}

function eventOf({ data }: MessageEvent): Partial<FeedEvent> {
  const event: unknown = JSON.parse(data)
  return typeof event === 'object' && event && 'id' in event && typeof event.id === 'number' ? { id: event.id } : {}
}

/** Knows an event by its id. */
export const dedupe: DedupeOptions = { keyOf: event => eventOf(event).id }

/** Asks for what came after the last one. */
export const resume: ResumeOptions = {
  cursorOf: event => eventOf(event).id,
  since: (cursor, { send }) => send(`since ${cursor ?? 0}`),
}

/** The ids that an app was given, out of what it has noted. */
export function idsIn(journal: readonly string[]): readonly number[] {
  return journal.flatMap(entry => (entry.startsWith('message ') ? [Number(/\d+/.exec(entry)?.[0])] : []))
}

/** 1, 2, 3 … */
export function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}
