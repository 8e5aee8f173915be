/** The stories behind docs/troubleshooting.md, by the name of the block that shows their lines. */
import { firstMessage, ping, ResilientError, ResilientWebSocket } from '../../src/index.ts'
import {
  accepts,
  type Behaviour,
  closes,
  goesSilent,
  hangs,
  refuses,
  resets,
  sequence,
} from '../../src/testing/index.ts'
import { linesOf, type Story } from './story.ts'

const MINUTE = 60_000

/** A proxy that cuts what is silent for a minute, before a server that answers pings. */
const cutsIdle: Behaviour = connection => {
  let messages = 0
  const look = (before: number): void =>
    connection.after(MINUTE, () => (messages === before ? connection.reset() : look(messages)))
  connection.accept()
  connection.heard(() => {
    messages++
    connection.send('pong')
  })
  look(messages)
}

export const STORIES: Readonly<Record<string, Story>> = {
  deploy: { server: sequence(closes({ code: 1012, reason: 'restart', afterMs: MINUTE }), accepts()), seconds: 70 },
  hangs: { server: hangs(), seconds: 12 },
  'hangs-provider': { hangingUrl: true, seconds: 11 },
  refused: { server: refuses(), seconds: 6 },
  'accepts-and-closes': { server: closes({ code: 1011, reason: 'no such room', afterMs: 20 }), seconds: 8 },
  idle: { server: cutsIdle, options: { heartbeat: ping({ everyMs: 90_000 }) }, seconds: 190 },
  'idle-without': { server: resets({ afterMs: MINUTE }), seconds: 124 },
  dead: { server: sequence(goesSilent(), accepts()), options: { heartbeat: ping() }, seconds: 23 },
  refusals: {
    server: closes({ code: 4401, reason: 'token expired', afterMs: 20 }),
    options: { auth: { provider: async () => crypto.randomUUID(), carry: firstMessage(token => token) } },
    seconds: 20,
  },
  unauthorized: { server: closes({ code: 4401, reason: 'token expired', afterMs: 20 }), seconds: 1 },
  stops: { server: closes({ code: 1003, reason: 'binary only', afterMs: 20 }), seconds: 1 },
  guard: { server: refuses(), options: { backoff: () => 100 }, seconds: 2, show: /#[56] .*could not/ },
  offline: {
    server: refuses(),
    seconds: 40,
    act: async ({ page }) => page.say('offline'),
  },
  frozen: {
    seconds: 1,
    act: async ({ page, clock, server }) => {
      await clock.advance(30_000)
      page.say('frozen')
      server.latest.reset()
      await clock.advance(5 * MINUTE)
      page.say('resumed')
    },
    show: /lost|resumed|reconnected/,
  },
  slept: {
    seconds: 4,
    act: async ({ clock, page }) => {
      await clock.advance(MINUTE)
      clock.sleep(20 * MINUTE)
      page.say('visible')
    },
  },
  limited: { server: sequence(resets({ afterMs: 1_000 }), refuses()), seconds: 63, show: /lost|working offline/ },
}

/** What the constructor says where there is no WebSocket. */
function withoutAClass(): string {
  const { WebSocket } = globalThis
  try {
    Reflect.deleteProperty(globalThis, 'WebSocket')
    new ResilientWebSocket('wss://api.example.com/live')
  } catch (problem) {
    if (problem instanceof ResilientError) return `${problem.code}: ${problem.message}`
    throw problem
  } finally {
    if (WebSocket) Object.assign(globalThis, { WebSocket })
  }
  throw new Error('Expected the constructor to throw.')
}

/** The block of every story. */
export async function storyBlocks(): Promise<Readonly<Record<string, string>>> {
  const blocks: Record<string, string> = { 'no-websocket': block([withoutAClass()]) }
  for (const [name, story] of Object.entries(STORIES)) blocks[name] = block(await linesOf(story))
  return blocks
}

function block(lines: readonly string[]): string {
  return ['```text', ...lines, '```'].join('\n')
}
