// A page that the browser freezes, or keeps in its back/forward cache: it runs nothing, and its socket dies.
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { SLACK_MS, type Visit, visits } from './visit.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

/** Longer than the longest first wait. */
const AWAY_MS = 5_000

const visit = visits()

async function freeze({ devtools, reads }: Visit): Promise<void> {
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
  await reads('signal frozen')
}

/** Somebody comes back to the tab, so the browser resumes it. Answers when. */
async function resume({ page, reads }: Visit): Promise<number> {
  await page.bringToFront()
  return (await reads('resume')).at
}

describe('a page that is frozen', () => {
  it('dials nothing, finds its connection dead when it is resumed, and dials within 0.5 s', async () => {
    const visited = await visit({ options: '{ heartbeat: holdfast.ping({ everyMs: 1_000 }) }' })
    await visited.hide()
    await freeze(visited)
    await pause(AWAY_MS)
    const [before] = visited.server.sightings
    expect(before?.end).toBe(null)
    expect(await visited.redialled(await resume(visited))).toBeLessThan(500 + SLACK_MS)
    expect(before?.end?.code).toBe(1001)
    expect((await visited.journal('dial', 'freeze', 'resume', 'error', 'close')).map(({ what }) => what)).toEqual([
      'dial',
      'freeze',
      'resume',
      'error',
      'close 1006',
      'dial',
    ])
  })

  it('dials nothing when the server drops it meanwhile', async () => {
    const visited = await visit()
    await visited.hide()
    await freeze(visited)
    visited.server.drop()
    await pause(AWAY_MS)
    expect(visited.server.sightings).toHaveLength(1)
    expect(await visited.journal('dial')).toHaveLength(1)
    expect(await visited.redialled(await resume(visited))).toBeLessThan(500 + SLACK_MS)
  })

  it('does not make up for the dial that it was waiting for, but dials within 0.5 s of its return', async () => {
    const visited = await visit()
    await visited.hide()
    visited.server.drop()
    await visited.reads('close 1006')
    await freeze(visited)
    // Chromium answers scripts of a frozen page.
    expect(await visited.status()).toMatchObject({ state: 'reconnecting', nextRetryAt: null })
    await pause(AWAY_MS)
    expect(visited.server.sightings).toHaveLength(1)
    expect(await visited.redialled(await resume(visited))).toBeLessThan(500 + SLACK_MS)
  })
})

describe('a page in the back/forward cache', () => {
  it('comes out of it with a dead connection, and dials within 0.5 s', async () => {
    const visited = await visit()
    const { page, server, elsewhere } = visited
    await page.goto(elsewhere)
    await pause(AWAY_MS)
    expect(server.sightings).toHaveLength(1)
    // `page.goBack()` may wait for a load that does not happen.
    await page.evaluate(() => history.back()).catch(() => {})
    const { at } = await visited.reads('pageshow true')
    expect(await visited.redialled(at)).toBeLessThan(500 + SLACK_MS)
    expect(server.sightings[0]?.end?.code).toBe(1001)
    const told = ['dial', 'pagehide', 'signal frozen', 'pageshow true', 'error', 'close']
    expect((await visited.journal(...told)).map(({ what }) => what)).toEqual([
      'dial',
      'pagehide true',
      'signal frozen',
      // Chromium says it twice: with `freeze` too.
      'signal frozen',
      'pageshow true',
      'error',
      'close 1006',
      'dial',
    ])
  })
})
