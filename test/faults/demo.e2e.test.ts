// The demo as a person uses it: a real browser, real faults, and a page that is never loaded again.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright'
import { build } from 'tsup'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Demo, startDemo } from '../../examples/dashboard/demo.ts'
import { ensureChromium } from '../../scripts/find-chromium.ts'

vi.setConfig({ testTimeout: 30_000 })
const patient = { timeout: 20_000, interval: 50 }

let library: string
let demo: Demo
let browser: Browser
let page: Page
const navigations: string[] = []
const complaints: string[] = []

beforeAll(async () => {
  // Built afresh and aside, so that the test speaks of this source and disturbs nobody's `dist`.
  library = await mkdtemp(join(tmpdir(), 'holdfast-demo-'))
  await build({ outDir: library, format: ['esm'], dts: false, clean: false, silent: true })
  demo = await startDemo({ port: 0, library: pathToFileURL(`${library}/`) })
  browser = await chromium.launch({ executablePath: ensureChromium() })
  page = await browser.newPage()
  page.on('framenavigated', frame => navigations.push(frame.url()))
  page.on('pageerror', error => complaints.push(error.message))
  page.on('console', message => message.text().includes('Content Security Policy') && complaints.push(message.text()))
  // The backoff draws small: a test of recovery need not wait as long as a crowd must.
  await page.addInitScript(() => {
    Math.random = () => 0.1
  })
  await page.goto(demo.url)
  await page.getByRole('radio', { name: '2 s', exact: true }).check({ force: true })
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await demo?.close()
  if (library !== undefined) await rm(library, { recursive: true })
})

let unaccountedAtFirst: number

/** Events published that the page has neither received nor missed: those before it came, once it has caught up. */
async function unaccounted(): Promise<number> {
  let least = Infinity
  for (let look = 0; look < 20; look += 1) {
    const counted = await page.evaluate(() =>
      ['received', 'missed']
        .map(id => Number(document.getElementById(id)?.textContent?.replaceAll(',', '')))
        .reduce((sum, one) => sum + one),
    )
    least = Math.min(least, demo.published - counted)
  }
  return least
}

const state = (): Promise<string | null> => page.locator('body').getAttribute('data-state')

async function count(id: 'received' | 'missed' | 'doubled'): Promise<number> {
  return Number((await page.locator(`#${id}`).textContent())?.replaceAll(',', ''))
}

/** Connected, and the counter moves on from where it stood. */
async function recovers(from: number): Promise<void> {
  await expect.poll(state, patient).toBe('open')
  await expect.poll(() => count('received'), patient).toBeGreaterThan(from + 1)
  expect(navigations).toEqual([demo.url])
  expect(complaints).toEqual([])
}

/** Uses a control, sees the page notice, and sees it recover by itself. */
async function breaksAndRecovers(use: () => Promise<void>): Promise<void> {
  await expect.poll(state, patient).toBe('open')
  const [before, lines] = [await count('received'), await page.locator('#log .library').count()]
  await use()
  await expect.poll(() => page.locator('#log .library').count(), patient).toBeGreaterThan(lines)
  await recovers(before)
}

const press = (name: string): Promise<void> => page.getByRole('button', { name }).click()

async function closeWith(code: number, reason: string): Promise<void> {
  await page.getByLabel('Close code').selectOption(String(code))
  await page.getByLabel('Reason').fill(reason)
  await page.getByRole('button', { name: 'Close', exact: true }).click()
}

describe('the live dashboard', () => {
  it('connects, and counts what it receives', async () => {
    await recovers(0)
    expect(await page.locator('#words').textContent()).toBe('Connected')
    expect(await page.locator('#prices tr').count()).toBe(6)
    unaccountedAtFirst = await unaccounted()
  })

  it.each(['Reset', 'FIN, no close frame', 'Refuse TCP', 'Restart', 'Open, then close', 'HTTP 503', 'HTTP 401'])(
    'recovers from "%s" without being loaded again',
    async name => {
      await breaksAndRecovers(() => press(name))
    },
  )

  it('stays connected in a black hole while its last update grows old, and recovers when it ends', async () => {
    const before = await count('received')
    await press('Black hole')
    await expect.poll(() => page.locator('#age').textContent(), patient).toMatch(/^1\.\d s ago$/)
    expect(await state()).toBe('open')
    await expect.poll(state, patient).not.toBe('open')
    await recovers(before)
  })

  it.each([1000, 1001, 1011, 1012, 1013, 4000])('recovers when the server closes with %d, and says so', async code => {
    await breaksAndRecovers(() => closeWith(code, 'as the test asked'))
    expect(await page.locator('#cause').textContent()).toMatch(new RegExp(`${code} .*“as the test asked”`))
  })

  it.each([1008, 4401])('comes back from a close with %d, which may stop it until Connect is pressed', async code => {
    const before = await count('received')
    await closeWith(code, '')
    await expect.poll(() => page.locator('#cause').textContent(), patient).toContain(String(code))
    await expect.poll(state, patient).toMatch(/^(open|closed)$/)
    if ((await state()) === 'closed') await press('Connect')
    await recovers(before)
  })

  it('stops when Disconnect is pressed, and comes back with Connect', async () => {
    const before = await count('received')
    await press('Disconnect')
    await expect.poll(state, patient).toBe('closed')
    expect(await page.locator('#words').textContent()).toMatch(/^Disconnected/)
    await press('Connect')
    await recovers(before)
  })

  it('has missed exactly what was published while it was away, and seen nothing twice', async () => {
    await recovers(await count('received'))
    expect(await count('missed')).toBeGreaterThan(0)
    expect(await unaccounted()).toBe(unaccountedAtFirst)
    expect(await count('doubled')).toBe(0)
  })

  it('says why a request was refused', async () => {
    await closeWith(1011, '€'.repeat(60))
    await expect.poll(() => page.locator('#report').textContent(), patient).toContain('at most 123 bytes')
  })

  it('tries at once when Retry now is pressed', async () => {
    const fresh = await browser.newPage()
    // Nearly the whole window of 4 s is drawn.
    await fresh.addInitScript(() => {
      Math.random = () => 0.999
    })
    await fresh.goto(demo.url)
    await fresh.locator('body[data-state=open]').waitFor()
    await fresh.getByRole('button', { name: 'Reset' }).click()
    await expect.poll(() => fresh.locator('#words').textContent(), patient).toBe('Reconnecting, next try in 4 s')
    const pressed = performance.now()
    await fresh.getByRole('button', { name: 'Retry now' }).click()
    await fresh.locator('body[data-state=open]').waitFor()
    expect(performance.now() - pressed).toBeLessThan(2_500)
    await fresh.close()
  })
})
