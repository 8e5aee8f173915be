import { fileURLToPath } from 'node:url'
import type { Browser } from 'puppeteer-core'
import { bundled } from '../support/bundled.ts'
import type { Counts } from './census.ts'
import type { Reading } from './reading.ts'
import type { LeakServer } from './server.ts'
import type { Plan } from './trial.ts'

/** A page in which lives are lived. */
export interface LivedIn {
  run(count: number): Promise<void>
  /** How many objects there are of the classes that stand behind a socket, its own included. */
  objects(): Promise<number>
  read(): Promise<Reading>
  close(): Promise<void>
}

/** Publishes the page; answers its address. */
export async function publishPage(server: LeakServer): Promise<string> {
  const app = await bundled({ entryPoints: [fileURLToPath(new URL('in-page.ts', import.meta.url))] })
  return server.publish(`<!doctype html><title>lived in</title><body><script>${app}</script>`)
}

export async function livedIn(browser: Browser, url: string, plan: Plan): Promise<LivedIn> {
  const page = await browser.newPage()
  await page.goto(url)
  const devtools = await page.createCDPSession()
  await devtools.send('Performance.enable')
  await page.evaluate(`begin(${JSON.stringify(plan)})`)
  return {
    run: count => page.evaluate(`trial.run(${count})`).then(() => {}),
    async objects() {
      let found = 0
      for (let i = await page.evaluate<[], () => number>('prototypes.length'); i > 0; i--) {
        const objects = await page.queryObjects(await page.evaluateHandle(`prototypes[${i - 1}]`))
        found += await page.evaluate(({ length }) => length, objects)
      }
      return found
    },
    async read() {
      for (let i = 0; i < 3; i++) {
        await devtools.send('HeapProfiler.collectGarbage')
        // Finalizers run in tasks of their own.
        await page.evaluate('new Promise(resolve => setTimeout(resolve, 30))')
      }
      const { metrics } = await devtools.send('Performance.getMetrics')
      const metric = (wanted: string): number => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN
      return {
        heapBytes: metric('JSHeapUsedSize'),
        listeners: metric('JSEventListeners'),
        resources: [],
        counts: await page.evaluate<[], () => Counts>('trial.counts'),
      }
    },
    close: () => page.close(),
  }
}
