/** What a migrant meets, as experiments: each gives one row of the table in docs/migrating.md. */
import { vi } from 'vitest'
import { ping, ResilientError } from '../../src/index.ts'
import {
  accepts,
  answers,
  type Behaviour,
  closes,
  goesSilent,
  hangs,
  refuses,
  resets,
  type ScriptedServer,
  scriptedServer,
  sequence,
} from '../../src/testing/index.ts'
import { type Client, holdfast, load, type Name, type Open } from './clients.ts'
import { rejectionsWhile } from './rejections.ts'

export interface Experiment {
  readonly question: string
  /** What the client with that name does, in words. */
  answer(name: Name): Promise<string>
}

interface Page {
  readonly server: ScriptedServer
  readonly client: Client
  /** What the app saw, in order. */
  readonly journal: string[]
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)
const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`
const MINUTES = 60_000

/** A page with one socket, that chance treats evenly. */
function visit(open: Open, behaviour: Behaviour = accepts()): Page {
  const server = scriptedServer(behaviour)
  const client = open(server)
  const journal: string[] = []
  client.hear('open', () => journal.push('open'))
  client.hear('error', () => journal.push('error'))
  client.hear('close', event => journal.push(`close ${Reflect.get(event, 'code')}`))
  return { server, client, journal }
}

async function opened(open: Open, behaviour?: Behaviour): Promise<Page> {
  const page = visit(open, behaviour)
  await pass(50)
  page.journal.length = 0
  return page
}

/** The wait between two dials of a page, from the drop of the first on. */
async function firstDelay(name: Name, chance: number): Promise<number | undefined> {
  vi.spyOn(Math, 'random').mockReturnValue(chance)
  const { server } = await opened(load(name))
  const from = performance.now()
  server.latest.reset()
  await pass(MINUTES)
  const [, next] = server.dials
  return next && next.at - from
}

function thrownBy(act: () => unknown): string | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    if (error instanceof ResilientError) return `throws \`${error.code}\``
    return error instanceof Error ? `throws ${error.name}` : 'throws'
  }
}

/** What comes of dialling an address that may be wrong, 20 min later. */
async function attempt(name: Name, url: string | (() => string)) {
  // Where nobody listens to `problem`.
  vi.spyOn(console, 'error').mockReturnValue(undefined)
  let client: Client | undefined
  let thrown: string | undefined
  let errors = 0
  const rejected = await rejectionsWhile(async () => {
    thrown = thrownBy(() => {
      client = load(name)(scriptedServer(), url)
      client.hear('error', () => errors++)
    })
    await pass(20 * MINUTES)
  })
  return { client, thrown, rejected, errors }
}

export const EXPERIMENTS: readonly Experiment[] = [
  {
    question: 'an invalid URL',
    async answer(name) {
      const { thrown, rejected, errors } = await attempt(name, 'wss://a b')
      return thrown ?? (rejected ? 'an unhandled rejection' : errors > 1 ? '`error`, again and again' : 'nothing')
    },
  },
  {
    question: 'a `url` function that throws at first',
    async answer(name) {
      let asked = 0
      const url = (): string => {
        if (asked++ === 0) throw new RangeError('not yet')
        return 'wss://feed.example/live'
      }
      const { client, thrown } = await attempt(name, url)
      if (thrown) return asked ? 'throws it' : 'takes none'
      return client?.readyState === 1 ? 'is asked again' : 'nothing more is tried'
    },
  },
  {
    question: '`url` when the constructor has returned',
    answer: async name => (load(name)(scriptedServer()).url ? 'the URL' : 'empty'),
  },
  {
    question: '`send()` before it is open',
    async answer(name) {
      const { server, client } = visit(load(name))
      const thrown = thrownBy(() => client.send('early'))
      await pass(50)
      return thrown ?? (server.received.includes('early') ? 'sent later' : 'lost')
    },
  },
  {
    question: 'which goes first: what waited, or what an `open` listener sends',
    async answer(name) {
      const { server, client } = visit(load(name))
      client.hear('open', () => client.send('of the listener'))
      if (thrownBy(() => client.send('what waited'))) return 'nothing waits'
      await pass(50)
      return server.received[0] === 'what waited' ? 'what waited' : 'the listener'
    },
  },
  {
    question: 'the 1,001st message that waits',
    async answer(name) {
      const { client } = visit(load(name), hangs())
      if (thrownBy(() => client.send('first'))) return 'nothing waits'
      for (let count = 1; count < 1_000; count++) client.send('one more')
      const thrown = thrownBy(() => client.send('one too many'))
      return thrown ?? 'waits too'
    },
  },
  {
    question: 'a refused dial',
    async answer(name) {
      const { journal } = visit(load(name), sequence(refuses(), hangs()))
      await pass(50)
      return `\`${journal.join('`, `')}\``
    },
  },
  {
    question: 'a dial that hangs is given up',
    async answer(name) {
      const { server, journal } = visit(load(name), hangs())
      for (let ms = 0; ms < 10 * MINUTES; ms += 500) {
        if (journal.length > 0) return `after ${seconds(performance.now() - (server.dials[0]?.at ?? 0))}`
        await pass(500)
      }
      return 'by the browser alone'
    },
  },
  {
    question: 'the first retry after a drop',
    async answer(name) {
      const shortest = await firstDelay(name, 0)
      const longest = await firstDelay(name, 0.9999)
      if (shortest === undefined || longest === undefined) return 'none'
      return shortest === longest ? `after ${seconds(longest)}` : `after ${seconds(shortest)} to ${seconds(longest)}`
    },
  },
  {
    question: 'two sockets of a page, dropped together, dial again',
    async answer(name) {
      let count = 0
      vi.spyOn(Math, 'random').mockImplementation(() => (count++ % 10) / 10)
      const open = load(name)
      const server = scriptedServer()
      open(server)
      open(server)
      await pass(50)
      for (const connection of server.open) connection.reset()
      await pass(MINUTES)
      const [, , one, other] = server.dials
      if (!one || !other) return 'not at all'
      return Math.abs(one.at - other.at) < 50 ? 'together' : 'apart'
    },
  },
  {
    question: 'dials in the first 5 min of an outage',
    async answer(name) {
      const { server } = visit(load(name), refuses())
      await pass(5 * MINUTES)
      return `${server.dials.length}`
    },
  },
  {
    question: 'earlier failures are forgotten',
    async answer(name) {
      const failures: [Behaviour, ...Behaviour[]] = [refuses(), refuses(), refuses(), refuses()]
      const waits: number[] = []
      for (const afterMs of [100, 4_900, 5_100, 9_900, 10_100]) {
        const { server } = visit(load(name), sequence(...failures, resets({ afterMs }), accepts()))
        await pass(5 * MINUTES)
        const [, second, , , up, next] = server.dials
        if (!second || !up || !next) return 'nothing is retried'
        waits.push(next.at - up.at - afterMs)
        const first = second.at - (server.dials[0]?.at ?? 0)
        if (Math.abs(next.at - up.at - afterMs - first) < 50) {
          const fourth = up.at - (server.dials[3]?.at ?? 0)
          if (Math.abs(fourth - first) < 50) return 'its delays do not grow'
          return waits.length === 1 ? 'at once' : `after ${Math.round(afterMs / 1_000)} s of being open`
        }
      }
      return 'later'
    },
  },
  {
    question: 'dials in a minute to a server that accepts and closes',
    async answer(name) {
      const { server } = visit(load(name), closes({ code: 1011 }))
      await pass(MINUTES)
      return `${server.dials.length}`
    },
  },
  {
    question: 'after close code 1008 or 4401',
    async answer(name) {
      let retried = 0
      for (const code of [1008, 4401]) {
        const { server } = visit(load(name), sequence(closes({ code }), accepts()))
        await pass(20_000)
        retried += server.dials.length - 1
      }
      return ['stops', 'it depends', 'dials again'][retried] ?? 'dials again'
    },
  },
  {
    question: '`readyState` while it waits to dial again',
    async answer(name) {
      const { server, client } = await opened(load(name))
      server.latest.reset()
      await pass(20)
      return ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'][client.readyState] ?? 'none'
    },
  },
  {
    question: '`close()` while it waits to dial again',
    async answer(name) {
      const { server, client, journal } = await opened(load(name))
      server.latest.reset()
      await pass(20)
      journal.length = 0
      client.close()
      await pass(MINUTES)
      return journal.length ? `\`${journal.join('`, `')}\`` : 'no event'
    },
  },
  {
    question: '`close()` of an open socket: `readyState` on the next line, and the code that `close` tells',
    async answer(name) {
      const { client, journal } = await opened(load(name))
      client.close()
      const state = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'][client.readyState]
      const within = journal.length > 0
      await pass(100)
      return `${state}, ${journal.join(', ').replace('close ', '')}${within ? ' (fired inside of `close()`)' : ''}`
    },
  },
  {
    question: 'an open link that dies in silence, 10 min later',
    async answer(name) {
      const { client } = await opened(load(name), goesSilent())
      await pass(10 * MINUTES)
      const still = client.readyState === 1 ? 'OPEN' : 'noticed'
      if (name !== 'Holdfast') return still
      const heartbeat = ping({ message: 'ping', pong: 'pong' })
      const { server, journal } = await opened(holdfast({ heartbeat }), answers())
      server.latest.goSilent()
      const from = performance.now()
      while (!journal.length) await pass(100)
      return `${still}; with \`heartbeat: ping()\` noticed after ${seconds(performance.now() - from)}`
    },
  },
]
