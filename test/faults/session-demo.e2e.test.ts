// The session as a person sees it: two nodes that are killed and drained while messages flow, in a real browser.
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Demo } from '../../examples/dashboard/demo.ts'
import { type Stage, stage } from './dashboard/stage.ts'

vi.setConfig({ testTimeout: 40_000 })
const patient = { timeout: 25_000, interval: 50 }

let on: Stage
let demo: Demo
let page: Page
const complaints: string[] = []
let navigations = 0

beforeAll(async () => {
  on = await stage()
  demo = await on.demo({ nodeDownMs: 700 })
  page = await on.browser.newPage()
  page.on('framenavigated', () => {
    navigations += 1
  })
  page.on('pageerror', error => complaints.push(error.message))
  page.on('console', message => message.text().includes('Content Security Policy') && complaints.push(message.text()))
  // The backoff, and the moment of a move, draw small: a test need not wait as long as a crowd must.
  await page.addInitScript(() => {
    Math.random = () => 0.1
  })
  await page.goto(demo.url)
  await page.getByRole('link', { name: /^With a session/ }).click()
  await page.locator('#session-state[data-state=open]').waitFor()
  await page.locator('#plain-state[data-state=open]').waitFor()
}, 60_000)

afterAll(async () => {
  await demo?.close()
  await on?.close()
})

const text = async (id: string): Promise<string> => (await page.locator(`#${id}`).textContent()) ?? ''
const count = async (id: string): Promise<number> => Number((await text(id)).replaceAll(',', ''))
const press = (name: string): Promise<void> => page.getByRole('button', { name }).click()

/** The node that a socket of the page is at, told by that node. */
const isAt = async (socket: 'session' | 'plain'): Promise<'A' | 'B'> => {
  await expect.poll(() => text(`${socket}-node`), patient).toMatch(/^[AB]$/)
  return (await text(`${socket}-node`)) === 'A' ? 'A' : 'B'
}

const state = (node: 'A' | 'B') => demo.fleet.nodes.find(({ name }) => name === node)?.state
const bothUp = (): Promise<void> => expect.poll(() => [state('A'), state('B')], patient).toEqual(['up', 'up'])

/** Whatever was sent until now is acknowledged and has come back, and events go on. */
async function flows(): Promise<void> {
  const [sent, received] = [await count('session-sent'), await count('session-received')]
  await expect.poll(() => count('session-acknowledged'), patient).toBeGreaterThan(sent + 5)
  await expect.poll(() => count('session-received'), patient).toBeGreaterThan(received + 20)
}

/** Nothing went wrong, by the numbers of the messages alone. */
async function isWhole(): Promise<void> {
  await flows()
  for (const fault of ['lost', 'doubled', 'out-of-order']) expect(await count(`session-${fault}`)).toBe(0)
  expect(complaints).toEqual([])
}

/** The states that the session goes through from now on. */
function states(): Promise<() => Promise<readonly string[]>> {
  return page
    .evaluate(() => {
      const cell = document.getElementById('session-state')
      const seen = new Set<string>()
      new MutationObserver(() => seen.add(cell?.dataset.state ?? '')).observe(document.body, {
        attributes: true,
        subtree: true,
      })
      Object.assign(globalThis, { seen })
    })
    .then(() => () => page.evaluate(() => [...Reflect.get(globalThis, 'seen')].map(String)))
}

describe('the page about the session', () => {
  it('connects twice, knows its nodes, and counts in both directions', async () => {
    await isWhole()
    expect(await isAt('session')).toBe(await isAt('plain'))
    expect(await text('verdict')).toBe('Nothing lost, nothing twice. Break something.')
  })

  it('loses and doubles nothing when the node it is at is killed, while the plain socket loses events', async () => {
    for (const round of [1, 2]) {
      await bothUp()
      const [here, before] = [await isAt('session'), await count('plain-lost')]
      await press(`Kill node ${here}`)
      await expect.poll(() => text('events'), patient).toContain('websocket lost: 1006')
      await expect.poll(() => page.locator('#session-node').textContent(), patient).toMatch(here === 'A' ? 'B' : 'A')
      await isWhole()
      if (round === 1) await expect.poll(() => count('plain-lost'), patient).toBeGreaterThan(before)
    }
    expect(await text('verdict')).toMatch(/^Nothing lost, nothing twice\. Without a session, \d+ are gone\.$/)
  })

  it('moves to the other node when its own is drained, and is open all the time', async () => {
    await bothUp()
    const here = await isAt('session')
    const seen = await states()
    await press(`Drain node ${here}`)
    await expect.poll(() => text(`node-${here}-state`), patient).toBe('Draining')
    expect(await page.getByRole('button', { name: `Drain node ${here}` }).getAttribute('aria-disabled')).toBe('true')
    await expect.poll(() => page.locator('#session-node').textContent(), patient).toMatch(here === 'A' ? 'B' : 'A')
    await isWhole()
    await expect.poll(() => text('events'), patient).toContain('is drained, and goes')
    await bothUp()
    expect((await seen()).filter(each => each !== 'open')).toEqual([])
  })

  it('hands over, and rotates its token, without being anything but open', async () => {
    const seen = await states()
    const connection = await text('events')
    await press('Hand over')
    await expect.poll(() => text('events'), patient).not.toBe(connection)
    await expect.poll(() => text('events'), patient).toMatch(/handed over/)
    const tokens = await count('tokens')
    await press('Rotate the token')
    await expect.poll(() => count('tokens'), patient).toBe(tokens + 1)
    await isWhole()
    expect((await seen()).filter(each => each !== 'open')).toEqual([])
  })

  it('loses nothing when its line is cut, and when it goes silent', async () => {
    await press('Cut my connection')
    await expect.poll(() => text('report'), patient).toMatch(/^Cut 2 connections/)
    await isWhole()
    await press('Go silent')
    await expect.poll(() => text('report'), patient).toMatch(/^2 connections of this page are black holes/)
    const acknowledged = await count('session-acknowledged')
    await expect
      .poll(async () => (await count('session-sent')) - (await count('session-acknowledged')), patient)
      .toBeGreaterThan(20)
    expect(await count('session-acknowledged')).toBeLessThan(acknowledged + 10)
    await isWhole()
  })

  it('goes on when both nodes are gone for a while', async () => {
    await bothUp()
    await press('Kill node A')
    await press('Kill node B')
    await isWhole()
  })

  it('has stored every message of all this exactly once, in order', async () => {
    await bothUp()
    const names = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))
    const topic = `tab.${/tab=([0-9a-f]{32})/.exec(names.join())?.[1]}`
    const { epoch } = await demo.fleet.log.head(topic)
    const acknowledged = await count('session-acknowledged')
    const stored = (await demo.fleet.log.read(topic, { epoch, seq: 0 }, 10_000)) ?? []
    const numbers = stored.map(({ body }) => Number(JSON.parse(String(body)).n))
    expect(numbers).toEqual(numbers.map((_, at) => at + 1))
    expect(numbers.length).toBeGreaterThanOrEqual(acknowledged)
    expect(acknowledged).toBeGreaterThan(100)
  })

  it('says so when the log is lost: a gap for every topic, before anything later', async () => {
    expect(await count('session-gaps')).toBe(0)
    await press('Lose the log')
    await expect.poll(() => count('session-gaps'), patient).toBe(3)
    await isWhole()
    expect(await text('events')).toMatch(/gap in the topic “ticks” \(epoch\)/)
  })

  it('was loaded once, and fits a small phone and a desk without scrolling sideways', async () => {
    // The dashboard, and this page.
    expect(navigations).toBe(2)
    for (const width of [380, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
    }
  })
})
