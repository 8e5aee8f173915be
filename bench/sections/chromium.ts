import { createServer } from 'node:http'
import { type Browser, chromium as playwright } from 'playwright'
import { WebSocketServer } from 'ws'
import { ensureChromium } from '../../scripts/find-chromium.ts'
import { browserScript } from '../bundle.ts'
import { barChart } from '../charts/bars.ts'
import type { Findings } from '../findings.ts'
import { interleave, type Started } from '../interleave.ts'
import { PAYLOADS } from '../payloads.ts'
import type { Plan } from '../plan.ts'
import { progress } from '../progress.ts'
import type { Section } from '../section.ts'
import { listening } from '../server.ts'
import { median, spread } from '../statistics.ts'
import { ALL, CONTROLLED, HOLDFAST, WRAPPER } from '../subjects.ts'
import { cell, shown, verdict } from '../table.ts'
import { against, noise, ratio } from './cpu.ts'

const LIMIT = 1.25
const WARM_UP = 6

/** A page in a context, and so in a process, of its own. Answers microseconds of the main thread per message: all of its tasks, and JavaScript alone. */
async function startPage(browser: Browser, url: string, messages: number): Promise<Started> {
  const context = await browser.newContext()
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  // Thread ticks: CPU time of the main thread, not the clock on the wall.
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  await page.goto(url)
  await page.evaluate('opened()')
  const spent = async () => {
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

async function measure(plan: Plan): Promise<Findings> {
  const scripts = await Promise.all(
    CONTROLLED.map(({ file }) =>
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
      CONTROLLED.map((_, i) => () => startPage(browser, `http://127.0.0.1:${port}/${i}`, plan.burst)),
      { generations: plan.pages, warmUp: WARM_UP, rounds: plan.pageRounds, turns: plan.pageTurns },
      done => progress('chromium', done),
    )
    const of = (name: string): Record<string, number[]> =>
      Object.fromEntries(
        CONTROLLED.map(({ key }, i) => [key, (found[i] ?? []).map(reading => reading[name] ?? Number.NaN)]),
      )
    return {
      facts: { browser: `Chromium ${browser.version()}`, burst: `${plan.burst}` },
      samples: { tasks: of('tasks'), script: of('script') },
    }
  } finally {
    await browser.close()
    for (const client of server.clients) client.terminate()
    http.close()
  }
}

/** Main-thread time per received message in Chromium. */
export const chromium: Section = {
  name: 'chromium',
  measure,
  show({ facts, samples: { tasks = {}, script = {} } }, source) {
    const relative = (subject: (typeof ALL)[number]): number[] => against(tasks, subject, WRAPPER, ratio)
    return {
      title: 'Receive: main thread per message in Chromium',
      lead: `CPU of the main thread for bursts of ${facts.burst} messages of 100 bytes from a server on the same machine, per message; ${facts.browser}. Relative to the wrapper in the same round.`,
      charts: [
        barChart({
          name: 'chromium',
          title: 'What a message costs the main thread of a browser',
          subtitle: `CPU per received message, all of Chromium's own work included, relative to a 40-line EventTarget wrapper. Less is better. ${facts.browser}.`,
          source,
          unit: 'relative to the wrapper',
          groups: [
            {
              bars: ALL.map(subject => {
                const { p10, median: value, p90 } = spread(relative(subject))
                const says = `${shown(value, 2)} (${shown(median(tasks[subject.key] ?? []), 1)} µs)`
                return { label: subject.name, tone: subject.tone, value, spread: [p10, p90] as const, says }
              }),
              budget: { value: LIMIT, says: `budget: at most ${LIMIT}` },
            },
          ],
        }),
      ],
      tables: [
        {
          head: ['', 'µs per message', 'relative to the wrapper', 'of it JavaScript, µs'],
          rows: CONTROLLED.map(subject => [
            subject.name,
            cell(tasks[subject.key] ?? [], 2),
            subject === WRAPPER ? '1' : cell(relative(subject), 2),
            cell(script[subject.key] ?? [], 2),
          ]),
        },
      ],
      notes: [
        verdict('relative to the wrapper', median(relative(HOLDFAST)), LIMIT, 'at most', 2),
        `Noise: the second bare socket differs from the first by ${shown(100 * noise(tasks), 1)} %.`,
      ],
    }
  },
}
