// The demo as a person uses it: a real browser, real faults, and a page that is never loaded again.
import type { Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Demo } from '../../examples/dashboard/demo.ts'
import { type Stage, stage } from './dashboard/stage.ts'
import { type Visitor, visitor } from './dashboard/visitor.ts'

vi.setConfig({ testTimeout: 30_000 })
const patient = { timeout: 20_000, interval: 50 }

let on: Stage
let demo: Demo
let page: Page
const navigations: string[] = []
const complaints: string[] = []

beforeAll(async () => {
  on = await stage()
  demo = await on.demo()
  page = await on.browser.newPage()
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
  await demo?.close()
  await on?.close()
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
    const fresh = await on.browser.newPage()
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

describe('the dashboard of somebody who is signed in', () => {
  let own: Demo
  let ada: Visitor

  async function signedIn(tokenLifeMs = 600_000): Promise<void> {
    own = await on.demo({ tokenLifeMs })
    ada = await visitor(on.browser, own.url)
  }

  async function leave(): Promise<void> {
    await ada.page.close()
    await own.close()
  }

  beforeEach(() => signedIn(), 30_000)
  afterEach(leave)

  it('reconnects exactly once, with a fresh token, when the token has expired', async () => {
    await ada.press(/^Expire token/)
    await ada.reads('#cause', /4401.*“token expired”/)
    await ada.staysConnected()
    await ada.reads('#who', 'Signed in as Ada')
    expect(ada.dials).toHaveLength(2)
    expect(new Set(ada.tokens).size).toBe(2)
  })

  it('ends unauthorized within three dials when the account is revoked, and comes back when one signs in', async () => {
    await ada.press(/^Revoke/)
    await ada.reads('#words', 'Session expired, sign in again')
    await ada.reads('#cause', /4401.*“token revoked”/)
    await ada.reads('#who', 'Ada’s session has ended')
    expect(ada.dials.length - 1).toBeLessThanOrEqual(3)
    await ada.press('Sign in again')
    await ada.reads('#who', 'Signed in as Ada')
    await ada.staysConnected()
    expect(new Set(ada.tokens).size).toBe(ada.dials.length)
  })

  it('is signed out by Log out, and dials nothing until one signs in', async () => {
    await ada.press(/^Log out/)
    await ada.reads('#words', 'Signed out')
    await ada.reads('#token-left', 'none')
    await ada.is('closed')
    expect(ada.dials).toHaveLength(1)
    await ada.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await ada.reads('#who', 'Signed in as Ada')
  })

  it('shows who it is after a switch, and sends nobody what somebody else had waiting', async () => {
    await ada.press('Place an order')
    await ada.reads('#placed', '1')
    await ada.faultsLast(2)
    await ada.press('Restart')
    await ada.isNot('open')
    await ada.press('Place an order')
    await ada.reads('#waiting', '1')
    await ada.press('Switch to Grace')
    await ada.reads('#waiting', '0')
    await ada.reads('#who', 'Signed in as Grace')
    await ada.reads('#placed', '0')
    await ada.press('Switch to Ada')
    await ada.reads('#who', 'Signed in as Ada')
    await ada.reads('#placed', '1')
  })

  it('fetches a fresh token before the old one expires, and is never refused', async () => {
    await leave()
    await signedIn(13_000)
    await expect.poll(() => ada.dials.length, patient).toBe(2)
    await ada.reads('#cause', /replaced, to use a fresh token/)
    await ada.reads('#who', 'Signed in as Ada')
    expect(await ada.page.locator('#log').textContent()).not.toContain('4401')
  })

  it('lets nobody see a token', async () => {
    await ada.press(/^Expire token/)
    await expect.poll(() => ada.dials.length, patient).toBe(2)
    await ada.staysConnected()
    const { page, dials, said, tokens } = ada
    const seen = [await page.content(), page.url(), ...dials, ...said].join()
    expect(tokens).toHaveLength(2)
    for (const secret of tokens.flatMap(token => [token, Buffer.from(token).toString('base64url')])) {
      expect(seen).not.toContain(secret)
    }
    expect(said).toEqual([])
  })

  it('does about a close what the policy table says, from the moment it is changed', async () => {
    const answer = ada.page.getByLabel('Row 1: answer')
    await answer.selectOption('stop')
    await ada.serverCloses(4000)
    await ada.reads('#words', 'Disconnected')
    await ada.reads('#verdict', 'Last answer: 4000, stop, by row 1.')
    await answer.selectOption('after')
    await ada.page.getByLabel('Row 1: milliseconds').fill('50')
    await ada.page.getByRole('button', { name: 'Connect', exact: true }).click()
    await ada.is('open')
    await ada.serverCloses(4000)
    await ada.reads('#verdict', 'Last answer: 4000, retry after 50 ms, by row 1.')
    await ada.is('open')
    await ada.serverCloses(4100)
    await ada.reads('#verdict', 'Last answer: 4100, stop, by row 2.')
  })

  it('marks a row that it cannot read, says why, and asks the standard table instead', async () => {
    const codes = ada.page.getByLabel('Row 1: code or range')
    await codes.fill('40')
    await codes.blur()
    expect(await codes.getAttribute('aria-invalid')).toBe('true')
    const problem = '#policy tbody:nth-of-type(1) .problem'
    await ada.reads(problem, 'Ignored: “40” is neither a code, as 4401, nor a range, as 4000-4099.')
    await ada.serverCloses(4000)
    await ada.reads('#verdict', 'Last answer: 4000, retry, by the standard table.')
    await codes.fill('4000-4099')
    expect(await codes.getAttribute('aria-invalid')).toBe('false')
    await ada.reads(problem, '')
  })

  it('fits a phone and a desk without scrolling sideways, however the policy is filled in', async () => {
    await ada.page.getByLabel('Row 2: answer').selectOption('after')
    await ada.page.getByLabel('Row 2: milliseconds').fill('soon')
    await ada.press('Add a row')
    for (const width of [390, 1280]) {
      await ada.page.setViewportSize({ width, height: 800 })
      expect(await ada.page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
    }
  })
})
