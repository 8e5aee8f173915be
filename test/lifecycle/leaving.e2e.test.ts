// A page whose user nearly leaves, and one that is busy: neither is a reason to touch the connection.
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { longestSilence, PATIENCE, type Visit, visits } from './visit.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const visit = visits()

/** The connection that there was carries on: nothing is lost on it, it sends and hears, and there is no other. */
async function goesOn(visited: Visit): Promise<void> {
  const { page, server } = visited
  const before = (await visited.messages()).length
  await expect.poll(async () => (await visited.messages()).length, PATIENCE).toBeGreaterThan(before + 5)
  const texts = (await visited.messages()).map(({ text }) => text)
  expect(texts).toEqual(texts.map((_, index) => `1:${index + 1}`))
  await page.evaluate(`socket.send('still here')`)
  await expect
    .poll(() => server.sightings.map(({ received, end }) => ({ received, end })), PATIENCE)
    .toEqual([{ received: ['still here'], end: null }])
  expect(await visited.journal('dial', 'error', 'close', 'signal')).toHaveLength(1)
}

describe('a navigation that is cancelled', () => {
  it('changes nothing: the user is asked, stays, and the connection with them', async () => {
    const visited = await visit()
    const { page, elsewhere, url } = visited
    const asked: string[] = []
    page.on('dialog', async dialog => {
      asked.push(dialog.type())
      // Whoever thinks about it for a while must not lose the connection either.
      await pause(1_000)
      await dialog.dismiss()
    })
    await page.evaluate(() => addEventListener('beforeunload', event => event.preventDefault()))
    // The browser asks only for a page that somebody has touched.
    await page.mouse.click(10, 10)
    await page.evaluate(`setTimeout(() => { location.href = ${JSON.stringify(elsewhere)} })`)
    await expect.poll(() => asked, PATIENCE).toEqual(['beforeunload'])
    await visited.reads('beforeunload')
    await goesOn(visited)
    expect(page.url()).toBe(url)
  })
})

describe('a task of 3 s', () => {
  it('kills nothing: what arrived meanwhile is delivered after it', async () => {
    const visited = await visit({ options: '{ heartbeat: holdfast.ping({ everyMs: 1_000 }) }' })
    const { page } = visited
    await expect.poll(visited.messages, PATIENCE).not.toEqual([])
    const ranMs = await page.evaluate(() => {
      const began = performance.now()
      while (performance.now() - began < 3_000);
      return performance.now() - began
    })
    expect(ranMs).toBeGreaterThanOrEqual(3_000)
    await goesOn(visited)
    // The premise: the page really heard nothing for that long.
    expect(longestSilence((await visited.messages()).map(({ at }) => at))).toBeGreaterThan(2_500)
  })
})
