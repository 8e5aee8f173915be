// What each fault does to the line or to the server, and how it is taken back.
import type { FaultProxy } from '../../../test/faults/fault-proxy.ts'
import type { Breakage } from './breakage.ts'
import type { Feed } from './feed.ts'

export interface Plan {
  readonly at: 'proxy' | 'server'
  readonly says: string
  readonly begin: () => void | Promise<void>
  /** Present where the fault stands for a while. */
  readonly end?: () => void | Promise<void>
}

/** Shorter than the 10 s after which a connection counts as stable, so the attempts are not forgotten. */
const cutAfterMs = 1_000
/** Each way: twice that passes before anything is answered. */
const latencyMs = 1_500
/** About a fifth of what the market has to say. */
const bytesPerSecond = 100
const lossRate = 0.2

const hole = {
  both: 'Black hole both ways',
  up: 'What the page says vanishes',
  down: 'What the server says vanishes',
} as const

function onTheLine(says: string, begin: () => void, end: () => Promise<void>): Plan {
  return { at: 'proxy', says, begin, end }
}

/** What a request comes to. */
export function plan(breakage: Breakage, proxy: FaultProxy, feed: Feed): Plan {
  switch (breakage.type) {
    case 'reset':
      return { at: 'proxy', says: 'Reset the connection (RST).', begin: () => proxy.reset() }
    case 'fin':
      return { at: 'proxy', says: 'Ended the connection (FIN) without a close frame.', begin: () => proxy.fin() }
    case 'close': {
      const { code, reason } = breakage
      return {
        at: 'server',
        says: `The server closed with ${code}${reason === '' ? '' : ` "${reason}"`}.`,
        begin: () => feed.closeClients(code, reason),
      }
    }
    case 'refuse-tcp':
      return onTheLine(
        `Refusing TCP connections for ${breakage.seconds} s.`,
        () => {
          proxy.refuse()
          proxy.reset()
        },
        () => proxy.pass(),
      )
    case 'cut-after':
      return onTheLine(
        `Cutting every connection after ${cutAfterMs / 1000} s (RST), for ${breakage.seconds} s.`,
        () => {
          proxy.cutAfter({ ms: cutAfterMs, how: 'reset' })
          proxy.reset()
        },
        () => proxy.pass(),
      )
    case 'silence':
      return onTheLine(
        `Accepting connections for ${breakage.seconds} s, and never saying a word on those.`,
        () => {
          proxy.acceptThenSilence()
          proxy.reset()
        },
        // A dial that hangs stays as it is: that one must be given up by the page.
        () => proxy.pass(),
      )
    case 'black-hole':
      return onTheLine(
        `${hole[breakage.direction]} for ${breakage.seconds} s, then the connection is cut.`,
        () => proxy.blackhole(breakage.direction),
        async () => {
          await proxy.pass()
          // Nothing but a heartbeat notices silence, so the end of this one is made audible.
          proxy.reset()
        },
      )
    case 'stall':
      return onTheLine(
        `Holding everything back for ${breakage.seconds} s, then letting it go.`,
        () => proxy.stall(),
        () => proxy.pass(),
      )
    case 'latency':
      return onTheLine(
        `Everything takes ${latencyMs / 1000} s longer, each way, for ${breakage.seconds} s.`,
        () => proxy.latency(latencyMs),
        () => proxy.pass(),
      )
    case 'slow-line':
      return onTheLine(
        `The line carries ${bytesPerSecond} bytes a second, each way, for ${breakage.seconds} s.`,
        () => proxy.bandwidth(bytesPerSecond),
        () => proxy.pass(),
      )
    case 'packet-loss':
      return onTheLine(
        `Losing ${lossRate * 100} % of the packets for ${breakage.seconds} s: what is lost is sent again, late.`,
        () => proxy.loss({ rate: lossRate }),
        () => proxy.pass(),
      )
    case 'refuse-upgrade':
      return {
        at: 'server',
        says: `Refusing upgrades with HTTP ${breakage.status} for ${breakage.seconds} s.`,
        begin: () => {
          feed.refuseUpgrades(breakage.status)
          feed.dropClients()
        },
        end: () => feed.refuseUpgrades(null),
      }
    case 'accept-then-close':
      return {
        at: 'server',
        says: `Closing every new connection at once (1011) for ${breakage.seconds} s.`,
        begin: () => {
          feed.closeAtOnce(1011)
          feed.closeClients(1011, 'accepted, then closed')
        },
        end: () => feed.closeAtOnce(null),
      }
    case 'restart':
      return {
        at: 'server',
        says: `The server restarts (1012) and is down for ${breakage.seconds} s.`,
        begin: () => feed.stop(),
        end: () => feed.start(),
      }
    case 'heal':
      return { at: 'proxy', says: 'Everything is mended.', begin: () => {} }
  }
}
