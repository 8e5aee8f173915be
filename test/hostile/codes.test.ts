import { describe, expect, it, vi } from 'vitest'
import { type Options, ResilientWebSocket } from '../../src/index.ts'
import { type Behaviour, closes, resets, scriptedServer, virtualClock } from '../../src/testing/index.ts'
import { mostDialsIn } from '../scenarios/story.ts'
import { TERMINAL } from './behaviours.ts'

// 4,000 servers take seconds where a single one takes none.
vi.setConfig({ testTimeout: 60_000 })

/** Every code that an end can have; 1015 belongs to handshakes, and no browser tells it to a page [WHATWG WebSockets §4]. */
const CODES = Array.from({ length: 4_000 }, (_, index) => 1_000 + index).filter(code => code !== 1015)
/** A few of them, where no table makes a difference. */
const SOME = CODES.filter((_, index) => index % 97 === 0)
const AT_ONCE = 250

function behaviourOf(code: number): Behaviour {
  if (code === 1006) return resets()
  return code === 1005 ? closes() : closes({ code, reason: 'again' })
}

/** How often a server that accepts and closes with that code is dialled, and how the socket ends. */
interface Course {
  readonly code: number
  readonly dials: number
  readonly most: number
  /** `close` events, those of them that were final, and those that told another code than the server's. */
  readonly closings: number
  readonly finals: number
  readonly wrong: number
}

/** All these servers, for so long, each with a client of its own. */
async function coursesOf(codes: readonly number[], ms: number, options: Options): Promise<readonly Course[]> {
  const clock = virtualClock({ seed: codes[0] ?? 0 })
  const lives = codes.map(code => {
    const server = scriptedServer(behaviourOf(code), { clock })
    const socket = new ResilientWebSocket('wss://feed.example', [], { ...options, clock, WebSocket: server.WebSocket })
    const closings: boolean[] = []
    let wrong = 0
    socket.on('problem', () => {})
    socket.addEventListener('close', event => {
      closings.push(event.willReconnect)
      if (event.code !== code || event.disconnect.code !== code) wrong++
    })
    return { code, server, socket, closings, wrong: () => wrong }
  })
  await clock.advance(ms)
  const courses = lives.map(({ code, server, closings, wrong }) => ({
    code,
    dials: server.dials.length,
    most: mostDialsIn(
      10_000,
      server.dials.map(({ at }) => at),
    ),
    closings: closings.length,
    finals: closings.filter(willReconnect => !willReconnect).length,
    wrong: wrong(),
  }))
  for (const { socket } of lives) socket.close()
  await clock.advance(60_000)
  expect(clock.timers).toBe(0)
  return courses
}

async function everyCode(codes: readonly number[], ms: number, options: Options = {}): Promise<readonly Course[]> {
  const courses: Course[] = []
  for (let from = 0; from < codes.length; from += AT_ONCE) {
    courses.push(...(await coursesOf(codes.slice(from, from + AT_ONCE), ms, options)))
  }
  return courses
}

describe('a server that accepts and closes for ever, with every code from 1000 to 4999', () => {
  it('is dialled once where the code is final, twice after a message that was too big, else 6 times in 10 s at most; each end is told by one close event with that code', async () => {
    const courses = await everyCode(CODES, 10_000)
    expect(courses).toHaveLength(3_999)
    const finals = courses.filter(({ finals }) => finals)
    expect(finals.map(({ code, dials }) => [code, dials])).toEqual(
      [...TERMINAL.map(code => [code, 1] as const), [1009, 2] as const].sort(([a], [b]) => a - b),
    )
    // Slow ones wait for up to a minute.
    const retried = courses.filter(({ code, finals }) => !finals && ![1013, 3008].includes(code))
    expect(retried.filter(({ dials }) => dials < 2)).toEqual([])
    expect(courses.filter(({ most }) => most > 6)).toEqual([])
    expect(courses.filter(({ dials, closings, wrong, finals }) => closings !== dials || wrong || finals > 1)).toEqual(
      [],
    )
  })

  it('is dialled 6 times in 10 s at most by an app that does not want to wait', async () => {
    const courses = await everyCode(SOME, 15_000, { backoff: () => 0 })
    const retried = courses.filter(({ finals }) => !finals)
    expect(retried.filter(({ dials, most }) => most !== 6 || dials > 12)).toEqual([])
    expect(retried.length).toBeGreaterThan(30)
  })

  it('is dialled 6 times in 10 s at most by an app whose close policy retries everything at once', async () => {
    const closePolicy = { '1000-4999': { afterMs: 0 } } as const
    const courses = await everyCode([...SOME, ...TERMINAL], 15_000, { closePolicy })
    expect(courses.filter(({ dials, most, finals }) => most !== 6 || dials > 12 || finals)).toEqual([])
  })

  it.each([
    [1008, 2],
    [3000, 3],
    [4401, 3],
  ])('gets a fresh credential after %i, and %i dials in all', async (code, dials) => {
    let tokens = 0
    const [course] = await coursesOf([code], 300_000, { auth: () => `token ${++tokens}` })
    expect(course).toMatchObject({ dials, closings: dials, finals: 1 })
    expect(tokens).toBe(dials)
  })
})
