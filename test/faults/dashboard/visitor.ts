// Somebody who opens the dashboard in a tab of their own: what they see, what they do, and what went over the wire.
import type { Browser, Page } from 'playwright'
import { expect } from 'vitest'

const patient = { timeout: 20_000, interval: 50 }

export interface Visitor {
  readonly page: Page
  /** URLs of the native sockets that the page made. */
  readonly dials: readonly string[]
  /** Tokens that the page was given. */
  readonly tokens: readonly string[]
  /** What the page said in the console, errors included. */
  readonly said: readonly string[]
  /** Presses a button. */
  press(name: string | RegExp): Promise<void>
  /** Lets the server close the connection. */
  serverCloses(code: number): Promise<void>
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
  page.on('websocket', socket => dials.push(socket.url()))
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
  const received = async (): Promise<number> => Number(await page.locator('#received').textContent())
  const self: Visitor = {
    page,
    dials,
    tokens,
    said,
    press,
    async serverCloses(code) {
      await page.getByLabel('Close code').selectOption(String(code))
      await page.getByRole('button', { name: 'Close', exact: true }).click()
    },
    async reads(selector, words) {
      const exactly = typeof words === 'string'
      const read = expect.poll(() => page.locator(selector).textContent(), patient)
      await (exactly ? read.toBe(words) : read.toMatch(words))
    },
    async is(wanted) {
      await expect.poll(state, patient).toBe(wanted)
    },
    async isNot(unwanted) {
      await expect.poll(state, patient).not.toBe(unwanted)
    },
    async staysConnected() {
      await self.is('open')
      const before = await received()
      await expect.poll(received, patient).toBeGreaterThan(before + 12)
    },
  }
  await self.reads('#who', 'Signed in as Ada')
  return self
}
