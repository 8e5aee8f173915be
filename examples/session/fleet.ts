// Two nodes, the log that they share, what stands in front of them, and the app whose events they carry: all in one
// process, so that nothing has to be installed. `examples/dashboard/demo.ts` starts it.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Log, memoryLog } from 'holdfast/server'
import type { Tokens } from '../dashboard/server/tokens.ts'
import { front } from './server/front.ts'
import { losableLog } from './server/losable-log.ts'
import { type Block, nodeNames, topics } from './server/names.ts'
import { type Node, node } from './server/node.ts'
import type { NodeView, Report, Snapshot } from './server/snapshot.ts'
import type { FleetWish, Objection } from './server/wish.ts'

export interface Fleet {
  /** The truth, which a test reads too. */
  readonly log: Log
  readonly nodes: readonly Node[]
  snapshot(tab: string): Promise<Snapshot>
  apply(wish: FleetWish): Promise<Report | Objection>
  upgrade(request: IncomingMessage, head: Buffer): void
  /** Takes a request of the session over HTTP; `false` for any other. */
  request(request: IncomingMessage, response: ServerResponse): boolean
  close(): Promise<void>
}

export interface FleetOptions {
  readonly tokens: Tokens
  /** How long a node is away. @defaultValue 4000 */
  readonly downMs?: number
  /** How long a drain may take. @defaultValue 5000 */
  readonly drainMs?: number
}

const tickMs = 100
/** Each way: as across a continent. */
const delayMs = 40
/** Ten minutes of events. */
const maxEvents = 6_000
const whatBlocks: Readonly<Record<Block, string>> = {
  websocket: 'no WebSocket',
  buffer: 'streams held back',
  sse: 'no SSE',
}
const noLine = 'This page has no connection at the moment.'
/** Pages that are remembered. */
const maxTabs = 1_000

export async function fleet({ tokens, downMs = 4_000, drainMs = 5_000 }: FleetOptions): Promise<Fleet> {
  const log = losableLog(() => memoryLog({ maxEvents }))
  let tick = 0
  const mine = new Map<string, number>()
  const timers = new Set<ReturnType<typeof setTimeout>>()
  const under = new Set<Promise<void>>()
  let closed = false

  const heard = (tab: string, n: number): void => {
    const newest = Math.max(mine.get(tab) ?? 0, n)
    mine.delete(tab)
    mine.set(tab, newest)
    const [oldest] = mine.keys()
    if (mine.size > maxTabs && oldest !== undefined) mine.delete(oldest)
  }
  const admit = (token: string | null) => {
    const verdict = tokens.admit(token)
    if ('account' in verdict) return { identity: verdict.account, expiresAt: verdict.expiresAt }
    return verdict.refusal === 'token expired' ? ('expired' as const) : ('refresh' as const)
  }
  const nodes = nodeNames.map(name => node({ name, log, admit, tick: () => tick, heard }))
  const door = front({ nodes, delayMs })
  const views = (): readonly NodeView[] => nodes.map(({ name, state }) => ({ name, state }))

  /** Told through the log, so that a page hears of it whatever node it is at, and whenever it comes back. */
  const tell = async (who: string, says: string): Promise<void> => {
    await log.append(topics.fleet, JSON.stringify({ who, says, nodes: views() }))
  }
  const whose = ({ name }: Node): string => `node ${name}`

  const later = (ms: number, then: () => Promise<void>): void => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      follow(then())
    }, ms)
    timers.add(timer)
  }
  /** Goes on after the answer; `close` waits for it. */
  const follow = (work: Promise<void>): void => {
    under.add(work)
    work.finally(() => under.delete(work))
  }
  const comesBack = (one: Node): void => {
    if (closed) return
    later(downMs, async () => {
      await one.start()
      await tell(whose(one), 'is up again, and takes connections')
    })
  }

  const goes = async (type: 'kill' | 'drain', one: Node): Promise<Report | Objection> => {
    const { name, connections, state } = one
    if (state === 'down') return { error: `Node ${name} is down already.` }
    if (type === 'kill') {
      const says = `Node ${name} was killed with ${connections} connections; it is back in ${downMs / 1000} s.`
      const killed = one.kill()
      await tell(whose(one), `was killed with ${connections} connections`)
      follow(killed.then(() => comesBack(one)))
      return { says, nodes: views() }
    }
    if (state === 'draining') return { error: `Node ${name} is being drained already.` }
    const drained = one.drain(drainMs)
    await tell(whose(one), `asks its ${connections} connections to move`)
    follow(
      drained.then(async wasDrained => {
        // Whoever killed it meanwhile lets it come back.
        if (!wasDrained) return
        await tell(whose(one), 'is drained, and goes')
        comesBack(one)
      }),
    )
    return { says: `Node ${name} asks everybody to move within ${drainMs / 1000} s.`, nodes: views() }
  }

  await Promise.all(nodes.map(one => one.start()))
  let publishing: ReturnType<typeof setInterval> | undefined
  const publish = (): void => {
    tick += 1
    follow(log.append(topics.ticks, JSON.stringify({ type: 'tick', n: tick })).then(() => {}))
  }

  return {
    log,
    nodes,
    async snapshot(tab) {
      // From the first page on, and then also while nobody is there: the dashboard alone needs none of it.
      publishing ??= setInterval(publish, tickMs)
      // Read in one go, so that the positions are those of this very state.
      const state = { nodes: views(), tick, mine: mine.get(tab) ?? 0 }
      const heads = [topics.ticks, topics.fleet, topics.ofTab(tab)].map(topic => log.head(topic))
      const [ticks, ofFleet, own] = (await Promise.all(heads)).map(({ epoch, seq }) => ({ epoch, seq }))
      if (!ticks || !ofFleet || !own) throw new Error('Expected a position for every topic.')
      return { ...state, cursors: { ticks, fleet: ofFleet, mine: own } }
    },
    async apply(wish) {
      switch (wish.type) {
        case 'kill':
        case 'drain': {
          const one = nodes.find(({ name }) => name === wish.node)
          return one === undefined ? { error: 'There is no such node.' } : goes(wish.type, one)
        }
        case 'cut': {
          const many = door.cut(wish.tab)
          const says = many === 0 ? noLine : `Cut ${many} connections of this page (RST).`
          return { says, nodes: views() }
        }
        case 'silence': {
          const many = door.silence(wish.tab)
          const says = many === 0 ? noLine : `${many} connections of this page are black holes now; a new one is whole.`
          return { says, nodes: views() }
        }
        case 'network': {
          const many = door.block(wish.tab, wish.blocks)
          const stops = `For this page: ${wish.blocks.map(block => whatBlocks[block]).join(', ')}.`
          const cut = many === 0 ? '' : ` Cut ${many}.`
          return { says: wish.blocks.length === 0 ? 'Everything gets through.' : stops + cut, nodes: views() }
        }
        case 'lose-log':
          await log.lose()
          await tell('log', 'was lost: another epoch begins')
          return { says: 'The log is lost, with every event and every id in it.', nodes: views() }
      }
    },
    upgrade: (request, head) => door.upgrade(request, head),
    request: (request, response) => door.request(request, response),
    async close() {
      closed = true
      clearInterval(publishing)
      for (const timer of timers) clearTimeout(timer)
      door.close()
      await Promise.all(under)
      await Promise.all(nodes.map(one => one.kill()))
      await log.close()
    },
  }
}
