import { describe, expect, it } from 'vitest'
import { ping } from '../../src/index.ts'
import { pongs, sequence } from '../contract/server.ts'
import { cleanUp, follow } from './followed.ts'

/** A machine that is busy with other tests fires its timers late. */
const SLACK_MS = 1_500

const now = (): number => performance.now()
const wait = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

async function idle(): Promise<void> {
  const place = sequence(pongs({ mute: 50 }), pongs())
  const { lines, closes, heard } = follow(place, { heartbeat: ping() })
  await heard('open')
  const opened = now()
  await heard('close 1006, retries')
  const found = now()
  expect(found - opened).toBeGreaterThan(19_000)
  expect(found - opened).toBeLessThan(20_000 + SLACK_MS)
  expect(closes[0]?.disconnect).toMatchObject({ origin: 'heartbeat', code: 1006, wasClean: false })
  await heard('open', 2)
  expect(now() - found).toBeLessThan(SLACK_MS)
  expect(lines).toEqual(['open', 'close 1006, retries', 'open'])
}

async function underTraffic(): Promise<void> {
  const place = sequence(pongs({ every: 300, mute: 6_000 }), pongs())
  const { socket, closes, heard } = follow(place, { heartbeat: ping() })
  let last = Number.NaN
  socket.addEventListener('message', () => {
    last = now()
  })
  await heard('close 1006, retries')
  const found = now()
  expect(found - last).toBeGreaterThan(7_000)
  expect(found - last).toBeLessThan(8_000 + SLACK_MS)
  expect(closes[0]?.disconnect.origin).toBe('heartbeat')
  await heard('open', 2)
  expect(now() - found).toBeLessThan(SLACK_MS)
}

describe('a heartbeat in a real browser', () => {
  cleanUp()

  // The defaults and real time: the two stories run beside each other.
  it('finds a dead link within 20 s idle and 8 s under traffic, and dials at once, not when the browser gets round to it', async () => {
    await Promise.all([idle(), underTraffic()])
  }, 40_000)

  it('keeps links that live: idle, with slow pongs under traffic, behind 1.5 s each way, and in a page that is busy for 3 s', async () => {
    const live = [
      follow(pongs(), { heartbeat: ping({ everyMs: 1_000 }) }),
      follow(pongs({ delay: 8_000, every: 700 }), { heartbeat: ping({ everyMs: 1_000 }) }),
      follow(pongs({ delay: 3_000 }), { heartbeat: ping({ everyMs: 1_000 }) }),
    ]
    await Promise.all(live.map(({ heard }) => heard('open')))
    await wait(4_000)
    for (const until = now() + 3_000; now() < until; );
    await wait(5_000)
    const told = live.map(({ lines }) => lines.filter(line => line !== 'message price'))
    // No pong among them either.
    expect(told).toEqual(live.map(() => ['open']))
    expect(live[0]?.socket.status.roundTripMs).toBeGreaterThanOrEqual(0)
  }, 40_000)
})
