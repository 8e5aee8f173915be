import { type VirtualClock, virtualClock } from '../../src/testing/index.ts'
import type { Carrier, DialRequest, Transport } from '../../src/transports/transport.ts'

/** A carrier with everything that it reported, in order. */
export interface HeardCarrier {
  readonly carrier: Carrier
  /** `open`, `message …`, `error`, `close 1006 reason clean`. */
  readonly events: string[]
  /** The frames that were passed up. */
  readonly frames: Record<string, unknown>[]
  readonly raw: unknown[]
  /** `lastEventId` of each message. */
  readonly ids: string[]
  readonly reported: unknown[]
  say(frame: object): void
}

export function dialRequest(clock: VirtualClock, more: Partial<DialRequest> = {}): DialRequest {
  return {
    url: 'wss://feed.example/live?x=1',
    protocols: ['holdfast.v1'],
    binaryType: 'arraybuffer',
    token: undefined,
    clock,
    WebSocket: undefined,
    report: () => {},
    ...more,
  }
}

/** Dials and listens. */
export function dialled(
  transport: Transport,
  clock: VirtualClock = virtualClock(),
  more: Partial<DialRequest> = {},
): HeardCarrier {
  const events: string[] = []
  const frames: Record<string, unknown>[] = []
  const raw: unknown[] = []
  const ids: string[] = []
  const reported: unknown[] = []
  const carrier = transport.dial(dialRequest(clock, { report: error => reported.push(error), ...more }))
  carrier.onopen = () => events.push('open')
  carrier.onerror = () => events.push('error')
  carrier.onclose = ({ code, reason, wasClean }) =>
    events.push(`close ${code} ${JSON.stringify(reason)} ${wasClean ? 'clean' : 'broken'}`)
  carrier.onmessage = ({ data, lastEventId }) => {
    raw.push(data)
    ids.push(lastEventId)
    const frame: Record<string, unknown> =
      typeof data === 'string' && /^\{/.test(data) ? JSON.parse(data) : { t: 'other' }
    frames.push(frame)
    events.push(`message ${frame.t}`)
  }
  return { carrier, events, frames, raw, ids, reported, say: frame => carrier.send(JSON.stringify(frame)) }
}

/** The first frame of a session. */
export function hello(...topics: readonly object[]): object {
  return { t: 'hello', v: 1, client: 'c1', conn: 'n1', token: 'secret', topics }
}

/** A carrier of a session that has said hello. */
export async function greeted(
  transport: Transport,
  clock: VirtualClock,
  topics: readonly object[] = [],
  more: Partial<DialRequest> = {},
): Promise<HeardCarrier> {
  const heard = dialled(transport, clock, more)
  await clock.advance(0)
  heard.say(hello(...topics))
  await clock.advance(0)
  return heard
}
