import { type Transport, websocket } from '../../src/index.ts'
import { explain } from '../../src/observe/index.ts'
import { session } from '../../src/session/index.ts'
import { accepts, type Behaviour, scriptedServer } from '../../src/testing/index.ts'
import { ladder } from '../../src/transports/ladder.ts'
import { SessionServer } from '../session/session-server.ts'
import { type Setting, type Story, story } from './story.ts'

export type Probe = boolean | 'nobody there' | 'none'

export interface Way {
  readonly transport: Transport
  behaviour: Behaviour
  probe: Probe
  probes: number
  readonly dials: readonly { readonly at: number }[]
}

/** A transport of a server of its own: whatever it does, it does by itself. */
export function way(name: string, behaviour: Behaviour, probe: Probe, clock: () => Story['clock']): Way {
  let server: ReturnType<typeof scriptedServer> | undefined
  const made = (): ReturnType<typeof scriptedServer> => {
    server ??= scriptedServer(self.behaviour, { clock: clock() })
    server.behaviour = self.behaviour
    return server
  }
  const self: Way & { behaviour: Behaviour; probe: Probe; probes: number } = {
    behaviour,
    probe,
    probes: 0,
    get dials() {
      return made().dials
    },
    transport: {
      name,
      ladder,
      dial: ({ url, protocols }) => new (made().WebSocket)(url, [protocols].flat()),
      ...(probe !== 'none' && {
        probe: async () => {
          self.probes++
          if (self.probe === 'nobody there' || self.probe === 'none') throw new Error('nobody there')
          return self.probe
        },
      }),
    },
  }
  return self
}

export interface Ways extends Story {
  readonly log: SessionServer
  readonly sse: Way
  readonly polling: Way
  /** What a person on call reads. */
  lines(): readonly string[]
  /** The WebSocket does this from now on. */
  webSocket(behaviour: Behaviour): void
}

export interface Choices extends Setting {
  readonly webSocket?: (good: Behaviour) => Behaviour
  readonly sse?: (good: Behaviour) => Behaviour
  readonly probe?: Probe
  readonly session?: false
}

/** A socket with three transports, in a session unless told otherwise. */
export function ways({
  webSocket = good => good,
  sse = good => good,
  probe = true,
  options,
  ...setting
}: Choices = {}): Ways {
  const log = new SessionServer()
  const good = setting.session === false ? accepts() : log.behaviour
  let clock: Story['clock'] | undefined
  const told = (): Story['clock'] => {
    if (!clock) throw new Error('Nobody has dialled.')
    return clock
  }
  const stream = way('sse', sse(good), probe, told)
  const polling = way('polling', good, probe, told)
  const transports = [websocket(), stream.transport, polling.transport]
  const made: Story = story({
    behaviour: webSocket(good),
    // Known before the socket is made: it may begin with any of them.
    pageClock: known => {
      clock = known
      return known
    },
    ...setting,
    options: { transports, ...(setting.session !== false && { session: session() }), ...options },
  })
  return Object.assign(made, {
    log,
    sse: stream,
    polling,
    lines: () => made.records.flatMap(record => explain(record)?.replace(/^(#\d+ \S+ )?\S+ /, '') ?? []),
    webSocket(behaviour: Behaviour) {
      made.server.behaviour = behaviour
    },
  })
}
