import { describe, expect, it, vi } from 'vitest'
import { ping } from '../../src/index.ts'
import { lateTimers, openStory, type Story } from './story.ts'
import { behind, type Far, type Line, lossDelay, seeded } from './weather.ts'

/** Links that live, and must not be found dead: a hundred runs of each, the trouble at another moment in every one. */

// Hours of virtual time take seconds.
vi.setConfig({ testTimeout: 60_000 })

const RUNS = 100
const LASTS_MS = 180_000

/** What is out of the ordinary in one run. */
interface Trouble {
  /** The line, from `from` on. */
  readonly delayMs?: (baseMs: number, chance: () => number, sinceMs: number) => number
  /** The server, instead of one that answers pings at once. */
  readonly serve?: (far: Far, chance: () => number) => void
  /** What else happens, at `from`. */
  readonly happens?: (told: Story, chance: () => number) => void
  /** When a timer that is due at `at` fires, from `from` on. */
  readonly firesAt?: (at: number, sinceMs: number, from: number) => number
}

const answersPings = (far: Far): void =>
  far.heard(message => {
    if (message === 'ping') far.send('pong')
  })

async function deathsIn(seed: number, { delayMs, serve = answersPings, happens, firesAt }: Trouble): Promise<number> {
  const chance = seeded(seed)
  const from = 5_000 + chance() * 60_000
  const time = { now: () => 0 }
  const line: Line = {
    delayMs(now) {
      const baseMs = 20 + chance() * 30
      return delayMs && now >= from ? delayMs(baseMs, chance, now - from) : baseMs
    },
  }
  const behaviour = behind(
    line,
    () => time.now(),
    far => serve(far, chance),
  )
  const pageClock = lateTimers((at, now) => (firesAt && at > from ? firesAt(at, now - from, from) : at))
  const told = await openStory({ seed, behaviour, pageClock, options: { heartbeat: ping() } })
  const { clock, closings } = told
  time.now = () => clock.now()
  if (happens) clock.schedule(from, () => happens(told, chance))
  await clock.advance(LASTS_MS)
  return closings.length
}

async function deaths(trouble: Trouble): Promise<number> {
  let sum = 0
  for (let seed = 0; seed < RUNS; seed++) sum += await deathsIn(seed, trouble)
  return sum
}

describe('a link that lives', () => {
  it('busy with traffic, whose pongs are slow, is never found dead', async () => {
    const slow = (far: Far, chance: () => number): void => {
      far.heard(message => {
        if (message === 'ping') far.connection.after(4_000 + chance() * 20_000, () => far.send('pong'))
      })
      const speak = (): void => {
        far.send('price')
        far.connection.after(200 + chance() * 2_000, speak)
      }
      speak()
    }
    expect(await deaths({ serve: slow })).toBe(0)
  })

  it('whose latency rises to 1.5 s each way is never found dead', async () => {
    expect(await deaths({ delayMs: () => 1_500 })).toBe(0)
  })

  it('whose latency rises and falls is never found dead', async () => {
    expect(await deaths({ delayMs: (_, chance) => chance() * 2_000 })).toBe(0)
  })

  it('that loses 20 % of its packets for 10 s is never found dead', async () => {
    const lossy: Trouble['delayMs'] = (baseMs, chance, sinceMs) =>
      sinceMs < 10_000 ? baseMs + lossDelay(0.2, chance) : baseMs
    expect(await deaths({ delayMs: lossy })).toBe(0)
  })

  it('in a page with a task of 3 s, again and again, is never found dead', async () => {
    // Every timer that falls into the task fires at its end.
    const firesAt = (at: number, _: number, from: number): number => {
      const into = (at - from) % 4_000
      return into >= 0 && into < 3_000 ? at - into + 3_000 : at
    }
    expect(await deaths({ firesAt })).toBe(0)
  })

  it.each([1_000, 60_000])('in a hidden tab whose timers fire every %i ms is never found dead', async everyMs => {
    const firesAt = (at: number): number => Math.ceil(at / everyMs) * everyMs
    expect(await deaths({ firesAt, happens: ({ page }) => page.say('hidden') })).toBe(0)
  })

  it('whose browser says offline, and online, and offline is never found dead', async () => {
    const flap = (told: Story, chance: () => number): void => {
      told.page.say(told.socket.status.online ? 'offline' : 'online')
      told.clock.schedule(told.clock.now() + 1 + chance() * 8_000, () => flap(told, chance))
    }
    expect(await deaths({ happens: flap })).toBe(0)
  })

  it('in a tab that is shown and hidden all the time is never found dead', async () => {
    const flip = (told: Story, chance: () => number): void => {
      told.page.say('hidden')
      told.page.say('visible')
      told.clock.schedule(told.clock.now() + 1 + chance() * 8_000, () => flip(told, chance))
    }
    expect(await deaths({ happens: flip, delayMs: () => 700 })).toBe(0)
  })

  it('with a backlog that drains slowly, ahead of every ping, is never found dead', async () => {
    // 20 s of what the app has written wait in front of the ping.
    const told = await openStory({
      behaviour: connection => {
        connection.accept()
        connection.heard(message => {
          if (message === 'ping') connection.after(20_000, () => connection.send('pong'))
        })
      },
      options: { heartbeat: ping() },
    })
    const native = told.natives.at(-1)
    if (!native) throw new Error('Nobody has dialled.')
    let waiting = 1_000_000
    Object.defineProperty(native, 'bufferedAmount', { get: () => waiting })
    const drain = (): void => {
      waiting = Math.max(0, waiting - 5_000)
      told.clock.schedule(told.clock.now() + 100, drain)
    }
    told.clock.schedule(16_000, drain)
    await told.clock.advance(40_000)
    expect(told.closings).toEqual([])
  })
})

describe('a link that is dead', () => {
  const silentFrom = (ms: number) => (far: Far) => {
    answersPings(far)
    far.connection.after(ms, () => far.connection.goSilent())
  }
  const found = async (firesAt: Trouble['firesAt'], afterMs: number): Promise<number> => {
    let at = Number.NaN
    await deathsIn(1, {
      serve: silentFrom(afterMs),
      ...(firesAt && { firesAt }),
      happens: ({ page, clock, socket }) => {
        page.say('hidden')
        socket.addEventListener('close', () => {
          at = Number.isNaN(at) ? clock.now() : at
        })
      },
    })
    return at - afterMs
  }

  it('is found within 75 s in a hidden tab whose timers fire once a second', async () => {
    const everySecond = (at: number): number => Math.ceil(at / 1_000) * 1_000
    for (let afterMs = 70_000; afterMs < 90_000; afterMs += 1_700) {
      expect(await found(everySecond, afterMs)).toBeLessThanOrEqual(24_000)
    }
  })

  it('is found within 75 s in a hidden tab where a timer that a timer sets fires once a minute', async () => {
    // What asks at a late timer arms the deadline from a fresh task, which is throttled to a second: see the clock.
    const chained = (at: number, sinceMs: number, from: number): number => {
      const deadline = at - (from + sinceMs) <= 5_000
      return deadline ? Math.ceil(at / 1_000) * 1_000 : Math.ceil(at / 60_000) * 60_000
    }
    for (let afterMs = 61_000; afterMs < 110_000; afterMs += 3_300) {
      expect(await found(chained, afterMs)).toBeLessThanOrEqual(75_000)
    }
  })
})
