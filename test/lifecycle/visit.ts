import type { OutgoingHttpHeaders } from 'node:http'
import { fileURLToPath } from 'node:url'
import type { Browser, CDPSession, Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { Status } from '../../src/index.ts'
import { bundled } from '../support/bundled.ts'
import { startChromium } from './chromium.ts'
import type { Entry } from './page.ts'
import { type LifecycleServer, startServer } from './server.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

export interface VisitOptions {
  /** The socket's options, as source: `{ stableMs: 500, clock: workerClock() }`. `holdfast` is what the root exports. */
  readonly options?: string
  /** Of the page. */
  readonly headers?: OutgoingHttpHeaders
  /** Modules below this folder, served as scripts by their path: `{ '/clock.js': '../../src/worker-clock/worker.ts' }`. */
  readonly scripts?: Readonly<Record<string, string>>
}

interface Message {
  readonly at: number
  /** `<connection>:<tick>` */
  readonly text: string
}

/** A page with a socket that is open, the server behind it, and what each of them saw. */
export interface Visit {
  readonly page: Page
  readonly devtools: CDPSession
  readonly server: LifecycleServer
  /** Where the page is, and somewhere else to go. */
  readonly url: string
  readonly elsewhere: string
  /** The lines of the page's journal so far, those that begin with one of the words. */
  journal(...words: readonly string[]): Promise<readonly Entry[]>
  messages(): Promise<readonly Message[]>
  status(): Promise<Status>
  /** Waits until the journal has so many such lines; answers the last of them. */
  reads(what: string, times?: number, timeout?: number): Promise<Entry>
  /** Waits until the server has seen a second connection and the page has it open; answers how long after `since` that dial arrived, in ms. */
  redialled(since: number): Promise<number>
  /** Puts another tab in front. */
  hide(): Promise<void>
}

/** A machine that is busy with other tests takes its time. What has to be quick is measured by the times that were noted, not by when a test looks. */
export const PATIENCE = { timeout: 20_000, interval: 50 }

/** How much later than due something may be on such a machine. The waits that are told apart by it differ by 3 s and more. */
export const SLACK_MS = 1_500

/** The longest time between two of these moments, or since the last of them, in ms. */
export function longestSilence(moments: readonly number[]): number {
  return Math.max(...moments.map((at, index) => (moments[index + 1] ?? Date.now()) - at))
}

function appWith(options: string): Promise<string> {
  const contents = `
    import { keepJournal } from './page.ts'
    import * as holdfast from '../../src/index.ts'
    import { workerClock } from '../../src/worker-clock/index.ts'
    keepJournal(${options})`
  return bundled({ stdin: { contents, resolveDir: here, loader: 'ts' } })
}

/** What is to be undone after a test, whether it passed or not. */
type Undo = (() => unknown)[]

async function visit(
  browser: Browser,
  undo: Undo,
  { options = '{}', headers = {}, scripts = {} }: VisitOptions,
): Promise<Visit> {
  const server = await startServer()
  undo.push(() => server.stop())
  const tab = async (): Promise<Page> => {
    const page = await browser.newPage()
    undo.push(() => page.close())
    await page.bringToFront()
    return page
  }
  for (const [path, module] of Object.entries(scripts)) {
    server.publish(path, await bundled({ entryPoints: [here + module] }), { 'content-type': 'text/javascript' })
  }
  const app = await appWith(options)
  const url = server.publish('/', `<!doctype html><title>visited</title><body><script>${app}</script>`, headers)
  const page = await tab()
  const made: Visit = {
    page,
    devtools: await page.createCDPSession(),
    server,
    url,
    elsewhere: server.publish('/elsewhere', '<!doctype html><title>elsewhere</title>'),
    async journal(...words) {
      const entries = await page.evaluate<[], () => readonly Entry[]>('journal')
      return words.length ? entries.filter(({ what }) => words.some(word => what.startsWith(word))) : entries
    },
    messages: () => page.evaluate<[], () => readonly Message[]>('messages'),
    status: () => page.evaluate<[], () => Status>('socket.status'),
    async reads(what, times = 1, timeout = PATIENCE.timeout) {
      let found: Entry | undefined
      const look = async (): Promise<Entry | undefined> => {
        found = (await made.journal(what))[times - 1]
        return found
      }
      await expect.poll(look, { ...PATIENCE, timeout }).toBeDefined()
      if (!found) throw new Error('The line is there and is not.')
      return found
    },
    async redialled(since) {
      await expect.poll(() => server.sightings.length, { ...PATIENCE, timeout: 60_000 }).toBe(2)
      await made.reads('open', 2)
      return (server.sightings[1]?.at ?? Infinity) - since
    },
    async hide() {
      await tab()
      await made.reads('visibility hidden')
    },
  }
  await page.goto(url)
  await made.reads('open')
  return made
}

/** A Chromium for the tests of a file. What it answers opens a page and waits until its socket is open; the page is closed after the test. */
export function visits(...args: readonly string[]): (options?: VisitOptions) => Promise<Visit> {
  let browser: Browser | undefined
  const undo: Undo = []
  beforeAll(async () => {
    browser = await startChromium(...args)
  })
  afterEach(async () => {
    for (const end of undo.splice(0).reverse()) await end()
  })
  afterAll(() => browser?.close())
  return (options = {}) => {
    if (!browser) throw new Error('Chromium is started before the tests, and not before that.')
    return visit(browser, undo, options)
  }
}
