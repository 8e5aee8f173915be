// Behind boxes that nobody configured: a firewall that lets a WebSocket open and then nothing, one that answers nothing.
import type { Browser } from 'playwright'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { endsWith } from '../proxies/behind.ts'
import { measured } from './measured.ts'
import { middlebox } from './middlebox.ts'
import { pause } from './pause.ts'
import { site } from './site.ts'
import { events, inChromium, inNode, nothingIsMissing, startBrowser, written, wrote } from './visitor.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

/** Pages that start side by side on two cores wait for one another. */
const SLACK_MS = 1_500

describe.concurrent('behind a box', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser.close())

  it.for([
    ['lets a WebSocket open and passes nothing on', 'go silent'],
    ['takes the upgrade and never answers', 'hang'],
  ] as const)('that %s, a stream serves after 4 s', async ([, upgrades], context) => {
    const ends = endsWith(context)
    const at = await ends(site())
    const box = await ends(middlebox(at.port, upgrades))
    const visitor = await ends(inChromium(browser, box.port))
    const usable = await wrote(visitor, 'open')
    expect(usable.at).toBeGreaterThan(3_900)
    expect(usable.at).toBeLessThan(4_500 + SLACK_MS)
    expect(await visitor.look()).toMatchObject({ state: 'degraded', transport: 'sse', why: 'silent' })
    await wrote(visitor, '> ')
    await pause(2_000)
    const journal = await nothingIsMissing(visitor, at)
    expect(events(journal)).toEqual(['open'])
    expect(written(journal).join('\n')).toContain('open over sse: the other one brought nothing back within 4 s')
    measured(`a box: ${upgrades}`, { usable: usable.at })
  })

  it('that blocks a WebSocket for 20 s, a WebSocket serves after the first look for it', async context => {
    const ends = endsWith(context)
    const at = await ends(site())
    const box = await ends(middlebox(at.port, 'break'))
    const visitor = await ends(inChromium(browser, box.port))
    const usable = await wrote(visitor, 'open')
    expect(usable.at).toBeLessThan(SLACK_MS)
    expect(await visitor.look()).toMatchObject({ transport: 'sse', why: 'blocked' })
    await pause(20_000)
    box.upgrades = 'pass'
    // 30 s, more or less by a fifth.
    const back = await wrote(visitor, 'serves websocket', { timeout: 20_000 })
    await pause(1_000)
    const journal = await nothingIsMissing(visitor, at)
    expect(events(journal)).toEqual([expect.stringMatching(/^close 1006/), 'open'])
    measured('a box: breaks for 20 s', { usable: usable.at, back: back.at })
  })

  // By hand, for its minute and more: the rule itself is tested in virtual time, in test/scenarios/transports.test.ts.
  it.runIf(process.env.HOLDFAST_MEASURED === '1')(
    'that cuts everything after 3 s, a stream serves after a minute of it',
    { timeout: 180_000 },
    async context => {
      const ends = endsWith(context)
      const at = await ends(site())
      const box = await ends(middlebox(at.port, 'pass', 3_000))
      const visitor = await ends(inNode(box.port))
      const found = await wrote(visitor, 'serves sse', { timeout: 150_000 })
      const before = events(await visitor.look()).length
      await pause(15_000)
      box.cutAfterMs = Infinity
      await pause(4_000)
      const journal = await nothingIsMissing(visitor, at)
      measured('a box: cuts after 3 s', {
        sse: found.at,
        before,
        events: events(journal).length,
        lines: `\n${written(journal).join('\n')}`,
      })
    },
  )
})
