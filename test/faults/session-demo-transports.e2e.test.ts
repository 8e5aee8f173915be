// The page about the session in networks that let no WebSocket through, and the way back, in a real browser.
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Demo } from '../../examples/dashboard/demo.ts'
import { type Stage, stage } from './dashboard/stage.ts'

vi.setConfig({ testTimeout: 30_000 })
const patient = { timeout: 20_000, interval: 50 }

let on: Stage
let demo: Demo
let page: Page
const complaints: string[] = []

async function opened(): Promise<Page> {
  const made = await on.browser.newPage()
  made.on('pageerror', error => complaints.push(error.message))
  made.on('console', message => message.text().includes('Content Security Policy') && complaints.push(message.text()))
  // The backoff draws small: a test need not wait as long as a crowd must.
  await made.addInitScript(() => {
    Math.random = () => 0.1
  })
  await made.goto(`${demo.url}session/`)
  await made.locator('#session-state[data-state=open]').waitFor()
  return made
}

beforeAll(async () => {
  on = await stage()
  demo = await on.demo({ nodeDownMs: 700 })
  page = await opened()
}, 60_000)

afterAll(async () => {
  await demo?.close()
  await on?.close()
})

const text = async (id: string, of = page): Promise<string> => (await of.locator(`#${id}`).textContent()) ?? ''
const count = async (id: string): Promise<number> => Number((await text(id)).replaceAll(',', ''))
const press = (name: string): Promise<void> => page.getByRole('button', { name }).click()
const events = (): Promise<string> => text('events')
const carriedBy = (transport: string): Promise<void> =>
  expect.poll(() => page.locator(`#way-${transport}`).getAttribute('data-now'), patient).toBe('carries')

/** Whatever was sent until now is acknowledged and has come back, events go on, and nothing went wrong. */
async function isWhole(): Promise<void> {
  const [sent, received] = [await count('session-sent'), await count('session-received')]
  await expect.poll(() => count('session-acknowledged'), patient).toBeGreaterThan(sent)
  await expect.poll(() => count('session-received'), patient).toBeGreaterThan(received + 20)
  for (const fault of ['lost', 'doubled', 'out-of-order', 'gaps']) expect(await count(`session-${fault}`)).toBe(0)
  expect(complaints).toEqual([])
}

/** Where the page puts its buttons: a line that comes and goes must not move them. */
const places = (): Promise<readonly unknown[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('button')].map(({ id, offsetTop, offsetLeft }) => [id, offsetTop, offsetLeft]),
  )

describe('the network of the page', () => {
  it('is a whole one at first, and a WebSocket carries the traffic', async () => {
    await carriedBy('websocket')
    await isWhole()
    expect(await text('session-transport')).toBe('websocket')
    expect(await page.locator('#try-now').getAttribute('aria-disabled')).toBe('true')
  })

  it('that refuses WebSockets is answered with an event stream, and nothing is lost', async () => {
    const before = await places()
    await press('Block WebSocket')
    await carriedBy('sse')
    expect(await text('why')).toBe('Blocked on the way')
    await expect.poll(() => text('next'), patient).toMatch(/^Next: websocket in \d+ s$/)
    expect(await text('session-words')).toBe('Connected (slow lane)')
    expect(await text('session-node')).toBe('A, B in turn')
    expect(await events()).toMatch(/falling back to sse/)
    expect(await events()).toMatch(/over sse/)
    await isWhole()
    expect(await places()).toEqual(before)
  })

  it('that keeps streams back as well is answered with polls', async () => {
    await press('Buffer the stream')
    await carriedBy('polling')
    expect(await text('why')).toBe('Silent for 4 s')
    expect(await events()).toMatch(/over polling/)
    await isWhole()
  })

  it('is not that of another page', async () => {
    const other = await opened()
    await expect.poll(() => text('session-transport', other), patient).toBe('websocket')
    await other.close()
  })

  it('loses nothing when a node is killed under the polls', async () => {
    await press('Kill node A')
    await isWhole()
    await expect.poll(() => demo.fleet.nodes.map(({ state }) => state), patient).toEqual(['up', 'up'])
  })

  it('is noticed when it lets everything through again, without a moment in which nothing serves', async () => {
    const down = await page.evaluate(() => {
      const cell = document.getElementById('session-state')
      const seen = new Set<string>()
      new MutationObserver(() => seen.add(cell?.dataset.state ?? '')).observe(document.body, {
        attributes: true,
        subtree: true,
      })
      Object.assign(globalThis, { seen })
    })
    expect(down).toBeUndefined()
    await press('Restore')
    await expect.poll(() => text('network-report'), patient).toBe('Everything gets through.')
    await press('Try now')
    await carriedBy('websocket')
    expect(await events()).toMatch(/handed over to websocket/)
    await isWhole()
    const states = await page.evaluate(() => [...Reflect.get(globalThis, 'seen')].map(String))
    expect(states.filter(state => state !== 'open' && state !== 'degraded')).toEqual([])
  })

  it('that has no streams either leads straight to polls', async () => {
    await press('Block SSE')
    await press('Block WebSocket')
    await carriedBy('polling')
    expect(await events()).toMatch(/falling back to polling/)
    await isWhole()
  })
})
