// The whole demo in one process: market, server, fault proxy and page. `scripts/demo.ts` starts it.
import { faultProxy } from '../../test/faults/fault-proxy.ts'
import { type Fleet, fleet } from '../session/fleet.ts'
import { type Breaker, breaker } from './server/breaker.ts'
import { feed } from './server/feed.ts'
import { files } from './server/files.ts'
import { market, mulberry32 } from './server/market.ts'
import { site } from './server/site.ts'
import { tokens } from './server/tokens.ts'

export interface DemoOptions {
  /** Of the page. @defaultValue 4780, or any free port if that is taken */
  readonly port?: number
  /** Folder of the built library. @defaultValue `dist` of this repository */
  readonly library?: URL
  /** Of the market: the same seed gives the same walk. @defaultValue 7 */
  readonly seed?: number
  /** How long a token lives, in ms. @defaultValue 60000 */
  readonly tokenLifeMs?: number
  /** How long a node of the session is away when it was killed or drained, in ms. @defaultValue 4000 */
  readonly nodeDownMs?: number
}

export interface Demo {
  readonly url: string
  /** Events that were published so far, seen by a page or not. */
  readonly published: number
  readonly breaker: Breaker
  /** What the page about the session runs on. */
  readonly fleet: Fleet
  close(): Promise<void>
}

const defaultPort = 4780
/** Mean time between two events: about 300 a minute. */
const meanGapMs = 200
/** Short enough to watch a renewal, at 80 % of it. */
const defaultTokenLifeMs = 60_000

export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const seed = options.seed ?? 7
  const events = market({ seed })
  const issuer = tokens({ lifeMs: options.tokenLifeMs ?? defaultTokenLifeMs })
  // The numbering belongs to the market, so it goes on while the server restarts.
  const server = await near(options.port, 2, port => feed({ port, welcome: events.welcome, admit: issuer.admit }))
  const proxy = await near(options.port, 1, port => faultProxy({ targetPort: server.port, port }))
  const faults = breaker(proxy, server)
  const nodes = await fleet({
    tokens: issuer,
    ...(options.nodeDownMs !== undefined && { downMs: options.nodeDownMs }),
  })
  const library = options.library ?? new URL('../../dist/', import.meta.url)
  const served = files({ library })
  const pages = { feedPort: proxy.port, files: served, breaker: faults, tokens: issuer, feed: server, fleet: nodes }
  const web =
    options.port === undefined
      ? await orAnyPort(defaultPort, port => site({ ...pages, port }))
      : await site({ ...pages, port: options.port })

  const first = events.seq
  const pace = mulberry32(seed + 1)
  let timer: ReturnType<typeof setTimeout>
  const publish = (): void => {
    server.publish(events.next(Date.now()))
    timer = setTimeout(publish, meanGapMs * (0.3 + 1.4 * pace()))
  }
  timer = setTimeout(publish, meanGapMs)

  return {
    url: `http://127.0.0.1:${web.port}/`,
    get published() {
      return events.seq - first
    },
    breaker: faults,
    fleet: nodes,
    async close() {
      clearTimeout(timer)
      await nodes.close()
      await web.close()
      await faults.close()
      await proxy.close()
      await server.stop()
    },
  }
}

/** A port next to the page's, so that a restart does not find it taken by a passing connection. */
function near<T>(port: number | undefined, offset: number, start: (port: number) => Promise<T>): Promise<T> {
  const beside = (port ?? defaultPort) + offset
  return port === 0 || beside > 65_535 ? start(0) : orAnyPort(beside, start)
}

async function orAnyPort<T>(port: number, start: (port: number) => Promise<T>): Promise<T> {
  try {
    return await start(port)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return start(0)
    throw error
  }
}
