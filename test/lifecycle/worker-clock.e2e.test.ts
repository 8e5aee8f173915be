// The clock in a worker, where it is for: a page whose own timers the browser holds back.
import { describe, expect, it, vi } from 'vitest'
import { longestSilence, PATIENCE, SLACK_MS, type Visit, visits } from './visit.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const STEP_MS = 500
const ON_TIME_MS = 250

const visit = visits()

/** How late each timer of a chain was, in ms, and when it began and each fired, epoch ms. */
interface Chain {
  readonly late: readonly number[]
  readonly at: readonly number[]
}

/** Begins a chain of timers with each clock of the page, as a heartbeat is one. Answers how they are doing. */
async function chains({ page }: Visit): Promise<() => Promise<Readonly<Record<'worker' | 'page', Chain>>>> {
  await page.evaluate(`
    chains = {}
    function begin(name, set) {
      const chain = chains[name] = { late: [], at: [Date.now()] }
      const step = () => {
        const due = performance.now() + ${STEP_MS}
        set(due, () => {
          chain.late.push(performance.now() - due)
          chain.at.push(Date.now())
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
function onTime({ late }: Chain): void {
  expect(late.length).toBeGreaterThan(4)
  const sorted = [...late].sort((a, b) => a - b)
  expect(sorted[Math.floor(late.length / 2)]).toBeLessThanOrEqual(ON_TIME_MS)
  // At most a millisecond early, and what the page's clock rounds away.
  expect(sorted[0]).toBeGreaterThan(-1.2)
}

async function keepsTimeWhileHidden(visited: Visit): Promise<void> {
  const look = await chains(visited)
  await visited.hide()
  // The premise: the page's own chain stands still.
  const silence = async (): Promise<number> => longestSilence((await look()).page.at)
  await expect.poll(silence, { timeout: 60_000, interval: 1_000 }).toBeGreaterThan(5_000)
  const { worker } = await look()
  onTime(worker)
  expect(longestSilence(worker.at)).toBeLessThan(2 * SLACK_MS)
}

/** Reconnects as it would without the clock, and stays so. */
async function reconnects(visited: Visit): Promise<void> {
  visited.server.drop()
  const { at } = await visited.reads('close 1006')
  const waited = await visited.redialled(at)
  // The page notes the close a moment after the wait began: a long one on a busy machine.
  expect(waited).toBeGreaterThan(3_600 - SLACK_MS)
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
    onTime(worker)
    expect(await visited.journal('fallback')).toHaveLength(1)
    expect(visited.page.workers()).toHaveLength(0)
  })
})
