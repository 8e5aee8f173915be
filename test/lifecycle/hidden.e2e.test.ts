// A page behind another tab, for long enough that its timers fire once a minute.
import { describe, expect, it, vi } from 'vitest'
import { longestSilence, PATIENCE, SLACK_MS, type Visit, visits } from './visit.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const visit = visits()

/** Hides the page, and waits until its chained timers stand still. */
async function isThrottled({ page, hide }: Visit): Promise<void> {
  await page.evaluate(`fired = [Date.now()]; setInterval(() => fired.push(Date.now()), 100)`)
  await hide()
  const silence = async (): Promise<number> => longestSilence(await page.evaluate<[], () => readonly number[]>('fired'))
  await expect.poll(silence, { timeout: 60_000, interval: 1_000 }).toBeGreaterThan(5_000)
}

describe('a page that is hidden, with its timers throttled', () => {
  it('keeps its connection and hears every message, and reconnects when the server drops it', async () => {
    const visited = await visit({ options: '{ heartbeat: holdfast.ping({ everyMs: 1_000 }) }' })
    const { server } = visited
    await isThrottled(visited)
    const messages = await visited.messages()
    expect(messages.map(({ text }) => text)).toEqual(messages.map((_, index) => `1:${index + 1}`))
    // Timers stand still, messages do not.
    expect(longestSilence(messages.map(({ at }) => at))).toBeLessThan(2 * SLACK_MS)
    expect(server.sightings).toMatchObject([{ end: null }])
    expect(await visited.journal('dial', 'error', 'close')).toHaveLength(1)

    server.drop()
    const { at } = await visited.reads('close 1006')
    // 3.6 s are drawn, and the timers of a hidden page fire once a second at most.
    expect(await visited.redialled(at)).toBeLessThan(3_600 + 1_000 + SLACK_MS)
    await expect.poll(async () => (await visited.messages()).at(-1)?.text, PATIENCE).toMatch(/^2:/)
  })

  it('finds a dead link within 75 s, and in fact soon: its deadlines are armed outside of the chain of timers', async () => {
    const visited = await visit({ options: '{ heartbeat: holdfast.ping() }' })
    await isThrottled(visited)
    visited.server.hush()
    const hushed = Date.now()
    const { at } = await visited.reads('close 1006', 1, 80_000)
    // 8 s under traffic, each of three timers a second late at most, and a second's grace for that.
    expect(at - hushed).toBeLessThan(8_000 + 3_000 + 1_000 + SLACK_MS)
    expect(await visited.redialled(at)).toBeLessThan(3_600 + 1_000 + SLACK_MS)
  })
})
