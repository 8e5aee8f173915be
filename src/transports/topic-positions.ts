import type { ServerFrame, TopicRequest } from '../session/frames.ts'
import type { Frame } from './session-frames.ts'

interface Position {
  epoch: string | null
  /** The last that was passed up. */
  seq: number
  /** The epoch of the last `subbed` that was passed up. */
  subscribed: string | null
  /** The server refused it: it is asked for again when the session does. */
  refused: boolean
}

/** Where each topic stands on this carrier: what makes a request that is made again go on where the last one ended. */
export class TopicPositions {
  readonly #topics = new Map<string, Position>()

  /** `hello` or `sub` asked for it. */
  ask({ topic, epoch, seq }: Frame): void {
    if (typeof topic !== 'string') return
    const known = typeof epoch === 'string' && typeof seq === 'number'
    this.#topics.set(topic, {
      epoch: known ? epoch : null,
      seq: known ? seq : 0,
      subscribed: null,
      refused: false,
    })
  }

  leave(topic: unknown): void {
    this.#topics.delete(`${topic}`)
  }

  /** With other credentials the answers may be others. */
  pardon(): void {
    for (const position of this.#topics.values()) position.refused = false
  }

  /** What the next `hello` asks for. */
  requests(): readonly TopicRequest[] {
    return [...this.#topics].flatMap(([topic, { epoch, seq, refused }]) =>
      refused ? [] : [epoch === null ? { topic } : { topic, epoch, seq }],
    )
  }

  /** Moves by a frame; `false` when the session has heard it before. */
  moves(frame: ServerFrame): boolean {
    if (!('topic' in frame) || frame.topic === undefined) return true
    const at = this.#topics.get(frame.topic)
    if (!at) return false
    switch (frame.t) {
      case 'subbed': {
        const repeated = frame.recovered && at.subscribed === frame.epoch
        at.subscribed = frame.epoch
        // Where it was not recovered, the gap that follows says where it goes on.
        if (frame.recovered && at.epoch !== frame.epoch) {
          at.epoch = frame.epoch
          at.seq = frame.seq
        }
        return !repeated
      }
      case 'gap':
        at.seq = at.epoch === at.subscribed && frame.reason === 'expired' ? Math.max(at.seq, frame.to) : frame.to
        at.epoch = at.subscribed
        return true
      case 'event':
        if (at.epoch === frame.epoch && frame.seq <= at.seq) return false
        // Of a log that nobody was told of: the session ignores it too.
        if (at.subscribed === frame.epoch) {
          at.epoch = frame.epoch
          at.seq = frame.seq
        }
        return true
      case 'err':
        at.refused = true
        at.subscribed = null
    }
    return true
  }
}
