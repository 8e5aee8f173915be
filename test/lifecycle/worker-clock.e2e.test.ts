// The clock in a worker, where it is for: a page whose own timers the browser holds back.
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { PATIENCE, SLACK_MS, type Visit, visits } from './visit.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 })

const STEP_MS = 500
/** The grace of 3 s, and then some: chains of timers stand still by then. */
const HIDDEN_MS = 15_000
const ON_TIME_MS = 250

const visit = visits()

/** How late each timer of a chain was, in ms, and when the last one fired. */
interface Chain {
  readonly late: readonly number[]
  readonly at: number
}

/** Begins a chain of timers with each clock of the page, as a heartbeat is one. Answers how they are doing. */
async function chains({ page }: Visit): Promise<() => Promise<Readonly<Record<'worker' | 'page', Chain>>>> {
  await page.evaluate(`
    chains = {}
    function begin(name, set) {
      const chain = chains[name] = { late: [], at: Date.now() }
      const step = () => {
        const due = performance.now() + ${STEP_MS}
        set(due, () => {
          chain.late.push(performance.now() - due)
          chain.at = Date.now()
          step()
        })
      }
      step()
    }
    begin('worker', (due, fn) => clock.schedule(due, fn))
    begin('page', (due, fn) => setTimeout(fn, due - performance.now()))
  `)
  return () => page.evaluate<[], () => Record<'worker' | 'page', Chain>>('chains')
}

/** A machine that is busy delays one now and then. */
function nearlyAllOnTime({ late }: Chain): void {
  expect(late.filter(ms => ms <= ON_TIME_MS).length / late.length).toBeGreaterThan(0.9)
  // At most a millisecond early, and no rounding.
  expect(Math.min(...late)).toBeGreaterThan(-1.01)
}

async function keepsTimeWhileHidden(visited: Visit): Promise<void> {
  const look = await chains(visited)
  await visited.hide()
  await pause(HIDDEN_MS)
  const { worker, page } = await look()
  const now = Date.now()
  // The premise: the page's own chain stands still.
  expect(now - page.at).toBeGreaterThan(3_000)
  expect(page.late.length).toBeLessThan(worker.late.length / 2)
  nearlyAllOnTime(worker)
  expect(worker.late.length).toBeGreaterThan((0.8 * HIDDEN_MS) / STEP_MS)
  expect(now - worker.at).toBeLessThan(STEP_MS + SLACK_MS)
}

/** Reconnects as it would without the clock, and stays so. */
async function reconnects(visited: Visit): Promise<void> {
  visited.server.drop()
  const { at } = await visited.reads('close 1006')
  const waited = await visited.redialled(at)
  expect(waited).toBeGreaterThanOrEqual(3_600 - 5)
  expect(waited).toBeLessThan(3_600 + SLACK_MS)
}

const reporting = `workerClock({ onFallback: ({ code }) => journal.push({ at: Date.now(), what: 'fallback ' + code }) })`

describe('a socket on a worker clock', () => {
  it('is on time in a hidden page whose own timers stand still', async () => {
    const visited = await visit({ options: `{ clock: ${reporting} }` })
    await keepsTimeWhileHidden(visited)
    await reconnects(visited)
    expect(await visited.journal('fallback')).toEqual([])
    expect(visited.page.workers()).toHaveLength(1)
    await visited.page.evaluate('socket.close(); clock.close()')
    await expect.poll(() => visited.page.workers().length, PATIENCE).toBe(0)
  })

  it('is on time with a file of the app, where the policy allows no Blob', async () => {
    const visited = await visit({
      options: `{ clock: workerClock({ worker: '/clock.js' }) }`,
      headers: { 'content-security-policy': `worker-src 'self'` },
      scripts: { '/clock.js': '../../src/worker-clock/worker.ts' },
    })
    await keepsTimeWhileHidden(visited)
  })

  it.each([
    ['the policy allows no worker', `{ clock: ${reporting} }`, `worker-src 'none'`],
    ['the policy allows no Blob', `{ clock: ${reporting} }`, `worker-src 'self'`],
    ['the file is not there', `{ clock: ${reporting.replace('{', `{ worker: '/gone.js',`)} }`, `worker-src 'self'`],
  ])('falls back to the timers of the page where %s, and says so once', async (_, options, policy) => {
    const visited = await visit({ options, headers: { 'content-security-policy': policy } })
    await visited.reads('fallback ERR_WORKER')
    const look = await chains(visited)
    await reconnects(visited)
    const { worker } = await look()
    nearlyAllOnTime(worker)
    expect(await visited.journal('fallback')).toHaveLength(1)
    expect(visited.page.workers()).toHaveLength(0)
  })
})
