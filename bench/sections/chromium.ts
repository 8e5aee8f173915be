import { createServer } from 'node:http'
import { type Browser, chromium as playwright } from 'playwright'
import { WebSocketServer } from 'ws'
import { ensureChromium } from '../../scripts/find-chromium.ts'
import { browserScript } from '../bundle.ts'
import { interleave, type Started } from '../interleave.ts'
import { PAYLOADS } from '../payloads.ts'
import type { Plan } from '../plan.ts'
import { progress } from '../progress.ts'
import { listening } from '../server.ts'
import { spread } from '../statistics.ts'
import { ALL, HOLDFAST, WRAPPER } from '../subjects.ts'
import { cell, type Table, verdict } from '../table.ts'

const LIMIT = 1.25

/** Microseconds of the main thread per message: all of its tasks, and JavaScript alone. */
interface Burst {
  readonly tasks: number
  readonly script: number
}

/** A page in a context, and so in a process, of its own. */
async function startPage(browser: Browser, url: string, messages: number): Promise<Started<Burst>> {
  const context = await browser.newContext()
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  // Thread ticks: CPU time of the main thread, not the clock on the wall.
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  await page.goto(url)
  await page.evaluate('opened()')
  const spent = async (): Promise<Burst> => {
    const { metrics } = await devtools.send('Performance.getMetrics')
    const seconds = (name: string): number => metrics.find(metric => metric.name === name)?.value ?? Number.NaN
    return { tasks: seconds('TaskDuration'), script: seconds('ScriptDuration') }
  }
  return {
    async measure() {
      const before = await spent()
      await page.evaluate(`burst(${messages})`)
      const after = await spent()
      const each = (from: number, to: number): number => ((to - from) * 1e6) / messages
      return { tasks: each(before.tasks, after.tasks), script: each(before.script, after.script) }
    },
    stop: () => context.close(),
  }
}

/** Main-thread time per received message in Chromium. */
export async function chromium(plan: Plan): Promise<Table[]> {
  const scripts = await Promise.all(
    ALL.map(({ file }) =>
      browserScript(`import { open } from './subjects/${file}.ts'\nimport { page } from './page.ts'\npage(open)`),
    ),
  )
  const http = createServer((request, response) => {
    const script = scripts[Number(request.url?.slice(1))]
    if (!script) return response.writeHead(404).end()
    return response
      .setHeader('content-type', 'text/html')
      .end(`<!doctype html><title>bench</title><script>${script}</script>`)
  })
  const server = new WebSocketServer({ server: http, perMessageDeflate: false })
  server.on('connection', socket =>
    socket.on('message', count => {
      for (let i = 0; i < Number(`${count}`); i++) socket.send(PAYLOADS[i % PAYLOADS.length] ?? '')
    }),
  )
  const port = await listening(http)
  const browser = await playwright.launch({ executablePath: ensureChromium() })
  try {
    const found = await interleave(
      ALL.map((_, i) => () => startPage(browser, `http://127.0.0.1:${port}/${i}`, plan.burst)),
      plan.pages,
      plan.pageRounds,
      done => progress('Chromium', done),
    )
    const base = found[ALL.indexOf(WRAPPER)] ?? []
    const relative = (i: number): number[] =>
      (found[i] ?? []).map(({ tasks }, round) => tasks / (base[round]?.tasks ?? Number.NaN))
    return [
      {
        title: 'Receive: main thread per message in Chromium',
        section: 'chromium',
        lead: `CPU of the main thread for a burst of ${plan.burst} messages of 100 bytes from a server on the same machine, per message; Chromium ${browser.version()}. Relative to the wrapper in the same round. Median (p10 to p90 over rounds).`,
        head: ['', 'µs per message', 'relative to the wrapper', 'of it JavaScript, µs'],
        rows: ALL.map(({ name }, i) => [
          name,
          cell(
            (found[i] ?? []).map(({ tasks }) => tasks),
            2,
          ),
          cell(relative(i), 2),
          cell(
            (found[i] ?? []).map(({ script }) => script),
            2,
          ),
        ]),
        notes: [
          verdict('relative to the wrapper', spread(relative(ALL.indexOf(HOLDFAST))).median, LIMIT, 'at most', 2),
        ],
      },
    ]
  } finally {
    await browser.close()
    for (const client of server.clients) client.terminate()
    http.close()
  }
}
