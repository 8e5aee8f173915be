// Somebody who opens the dashboard in a tab of their own: what they see, what they do, and what went over the wire.
import type { Browser, Page } from 'playwright'
import { expect, vi } from 'vitest'

/** Waits until it holds; unlike `expect.poll`, also in tests that run side by side. */
export function eventually(holds: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(holds, { timeout: 20_000, interval: 50 })
}

export interface Visitor {
  readonly page: Page
  /** URLs of the native sockets that the page made. */
  readonly dials: readonly string[]
  /** How late each event of the market came, in ms. */
  readonly lags: readonly number[]
  /** Tokens that the page was given. */
  readonly tokens: readonly string[]
  /** What the page said in the console, errors included. */
  readonly said: readonly string[]
  /** Presses a button. */
  press(name: string | RegExp): Promise<void>
  /** Chooses how long lasting faults take. */
  faultsLast(seconds: 2 | 5 | 15): Promise<void>
  /** Lets the server close the connection. */
  serverCloses(code: number): Promise<void>
  /** A counter of the page. */
  count(id: 'received' | 'missed' | 'doubled' | 'placed'): Promise<number>
  /** Waits until this part of the page reads like that. */
  reads(selector: string, words: string | RegExp): Promise<void>
  /** Waits until the page is in this state, or in any other. */
  is(state: string): Promise<void>
  isNot(state: string): Promise<void>
  /** Connected, and events go on coming for so long that another dial would have been seen. */
  staysConnected(): Promise<void>
}

/** Opens the page and waits until it is signed in. */
export async function visitor(browser: Browser, url: string): Promise<Visitor> {
  const page = await browser.newPage()
  const dials: string[] = []
  const tokens: string[] = []
  const said: string[] = []
  const lags: number[] = []
  page.on('websocket', socket => {
    dials.push(socket.url())
    socket.on('framereceived', ({ payload }) => {
      const at = /"at":(\d+)/.exec(String(payload))?.[1]
      if (at !== undefined) lags.push(Date.now() - Number(at))
    })
  })
  page.on('pageerror', error => said.push(error.message))
  page.on('console', message => said.push(message.text()))
  page.on('response', async response => {
    if (response.url().endsWith('/token')) tokens.push((await response.json()).token)
  })
  // The backoff draws small: a test of recovery need not wait as long as a crowd must.
  await page.addInitScript(() => {
    Math.random = () => 0.1
  })
  await page.goto(url)

  const press = (name: string | RegExp): Promise<void> => page.getByRole('button', { name }).click()
  const state = (): Promise<string | null> => page.locator('body').getAttribute('data-state')
  const count: Visitor['count'] = async id => {
    const text = await page.locator(`#${id}`).textContent()
    return Number(text?.replaceAll(',', ''))
  }
  const received = (): Promise<number> => count('received')
  const self: Visitor = {
    page,
    dials,
    lags,
    tokens,
    said,
    press,
    count,
    async faultsLast(seconds) {
      await page.getByRole('radio', { name: `${seconds} s`, exact: true }).check({ force: true })
    },
    async serverCloses(code) {
      await page.getByLabel('Close code').selectOption(String(code))
      await page.getByRole('button', { name: 'Close', exact: true }).click()
    },
    async reads(selector, words) {
      await eventually(async () => {
        const text = await page.locator(selector).textContent()
        if (words instanceof RegExp) expect(text).toMatch(words)
        else expect(text).toBe(words)
      })
    },
    async is(wanted) {
      await eventually(async () => expect(await state()).toBe(wanted))
    },
    async isNot(unwanted) {
      await eventually(async () => expect(await state()).not.toBe(unwanted))
    },
    async staysConnected() {
      await self.is('open')
      const before = await received()
      await eventually(async () => expect(await received()).toBeGreaterThan(before + 12))
    },
  }
  await self.reads('#who', 'Signed in as Ada')
  return self
}
