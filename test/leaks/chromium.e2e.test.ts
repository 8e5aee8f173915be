// The lives of sockets in a browser, and what is left of them.
import type { Browser } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startChromium } from '../lifecycle/chromium.ts'
import { type LivedIn, livedIn, publishPage } from './page.ts'
import type { Planted } from './planted.ts'
import { complaints } from './reading.ts'
import { type LeakServer, startServer } from './server.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

/** In Node it is 200 kB for ten times as many lives. */
const HEAP_BYTES = 20_000

let server: LeakServer
let browser: Browser
let url: string

beforeAll(async () => {
  server = await startServer()
  url = await publishPage(server)
  browser = await startChromium('--js-flags=--no-opt,--no-maglev,--always-sparkplug,--no-flush-bytecode')
})
afterAll(async () => {
  await browser?.close()
  server?.stop()
})

interface Left {
  readonly complaints: readonly string[]
  readonly objects: number
}

/** Lives so many lives, and then up to so many. */
async function leftBy(planted: Planted, early: number, late: number): Promise<Left> {
  // After a dial that is refused Chromium lets the next ones wait, and Node lives those lives too.
  const plan = { url: server.url, refusedUrl: server.refusedUrl, planted, without: ['refused'] }
  const page: LivedIn = await livedIn(browser, url, plan)
  try {
    const before = await page.read()
    await page.run(early)
    const first = await page.read()
    await page.run(late - early)
    const told = complaints([before, first, await page.read()], HEAP_BYTES)
    return { complaints: told, objects: await page.objects() }
  } finally {
    await page.close()
  }
}

describe('a thousand sockets in Chromium', () => {
  it('leave nothing behind: no object, no listener, and a heap that does not grow', async () => {
    expect(await leftBy('none', 200, 1_000)).toEqual({ complaints: [], objects: 0 })
  })

  it.each([
    ['a listener at the page', /listeners were left/],
    ['a listener at a signal', /listeners were left/],
    ['a list', /wrappers were kept/],
    ['a timer', /wrappers were kept/],
  ] as const)('would be seen if one in ten left %s behind', async (planted, told) => {
    const { complaints, objects } = await leftBy(planted, 50, 250)
    expect(complaints).toContainEqual(expect.stringMatching(told))
    expect(complaints).toContainEqual(expect.stringMatching(/the heap grew/))
    expect(objects).toBeGreaterThanOrEqual(25)
  })
})
