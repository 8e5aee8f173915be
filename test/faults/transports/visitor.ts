// Somebody who uses the app, in Chromium or in Node, and what can be asked of it afterwards.
import { setTimeout as after } from 'node:timers/promises'
import { type Browser, chromium } from 'playwright'
import { expect, vi } from 'vitest'
import { WebSocket } from 'ws'
import { ensureChromium } from '../../../scripts/find-chromium.ts'
import type { Signal } from '../../../src/core/event.ts'
import { type AppOptions, type Entry, type Journal, startApp } from './app.ts'
import type { Site } from './site.ts'

export type VisitorOptions = Omit<AppOptions, 'url' | 'name'>

export interface Visitor {
  readonly name: string
  look(): Promise<Journal>
  /** Says one thing. */
  say(): Promise<void>
  hush(): Promise<void>
  /** The device is told that it is online, as after a change of network. */
  online(): Promise<void>
  close(): Promise<void>
}

let visitors = 0

const nameOf = (): string => `visitor ${++visitors}`

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: ensureChromium() })
}

/** In a page that comes through the same proxy. A profile of its own: what it learnt nobody else knows. */
export async function inChromium(browser: Browser, port: number, options: VisitorOptions = {}): Promise<Visitor> {
  const name = nameOf()
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`http://127.0.0.1:${port}/`)
  const all: AppOptions = { ...options, name, url: `ws://127.0.0.1:${port}/live` }
  await page.evaluate(`start(${JSON.stringify(all)})`)
  return {
    name,
    look: () => page.evaluate<Journal>('app.look()'),
    say: () => page.evaluate('app.say()'),
    hush: () => page.evaluate('app.hush()'),
    online: () => page.evaluate(`dispatchEvent(new Event('online'))`),
    close: () => context.close(),
  }
}

export function inNode(port: number, options: VisitorOptions = {}): Visitor {
  const name = nameOf()
  let tell: (signal: Signal) => void = () => {}
  const app = startApp(
    { ...options, name, url: `ws://127.0.0.1:${port}/live` },
    {
      WebSocket,
      pageSignals: listener => {
        tell = listener
        return () => {}
      },
    },
  )
  return {
    name,
    look: async () => app.look(),
    say: async () => app.say(),
    hush: async () => app.hush(),
    online: async () => tell('online'),
    close: async () => app.close(),
  }
}

/** The first entry that begins so, once it is there, not before `since` (epoch ms). */
export async function wrote(
  visitor: Visitor,
  what: string,
  { timeout = 20_000, since = 0 } = {},
): Promise<Entry & { readonly wall: number }> {
  const deadline = performance.now() + timeout
  for (;;) {
    const journal = await visitor.look()
    const found = journal.entries.find(entry => entry.what.startsWith(what) && journal.began + entry.at >= since)
    if (found) return { ...found, wall: journal.began + found.at }
    if (performance.now() > deadline) {
      throw new Error(`Expected ${JSON.stringify(what)} within ${timeout} ms, got:\n${written(journal).join('\n')}`)
    }
    await after(25)
  }
}

/** Its entries as lines. */
export function written({ entries }: Journal): readonly string[] {
  return entries.map(({ at, what }) => `${at} ${what}`)
}

/** The entries that the app sees as events. */
export function events({ entries }: Journal): readonly string[] {
  return entries.map(({ what }) => what).filter(what => /^(open|close|problem|undelivered)/.test(what))
}

/** Everything that was said, both ways, came once and in order. */
export async function nothingIsMissing(visitor: Visitor, at: Site): Promise<Journal> {
  at.hush()
  await visitor.hush()
  const whole = async (): Promise<readonly [number | undefined, number]> => {
    const { heard, acknowledged, sent } = await visitor.look()
    return [heard.at(-1), sent - acknowledged]
  }
  await vi.waitFor(async () => expect(await whole()).toEqual([at.said - 1, 0]), { timeout: 20_000, interval: 50 })
  const journal = await visitor.look()
  const [first = 0] = journal.heard
  expect(journal.heard).toEqual(Array.from({ length: at.said - first }, (_, n) => first + n))
  expect(await at.stored(visitor.name)).toEqual(Array.from({ length: journal.sent }, (_, n) => n))
  return journal
}
