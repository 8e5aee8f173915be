import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { deadEnd } from './test/support/dead-end.ts'
import type { EngineName } from './test/support/engine-name.ts'
import { firefox, type Launch, runnableEngines } from './test/support/engines.ts'

const inBrowsers = 'test/**/*.browser.test.ts'
const endToEnd = '{test,examples}/**/*.e2e.test.ts'
// Fails by design, so only `npm run contract` runs it.
const naive = process.env.HOLDFAST_CONTRACT_NAIVE === '1' ? ['test/naive/naive.contract.ts'] : []

const engines = runnableEngines()

// The examples import the package by its name, as a user does; here that is the sources.
const src = fileURLToPath(new URL('src', import.meta.url))
const byName = [
  { find: /^holdfast$/, replacement: `${src}/index.ts` },
  { find: /^holdfast\/(.+)$/, replacement: `${src}/$1/index.ts` },
]

// With its own idea of how soon a host that just failed may be dialled again.
const asUsersHaveIt = engines.some(({ name }) => name === 'firefox') ? firefox({}).launch : undefined

function inBrowser(project: string, engine: EngineName, { browser, ...launch }: Launch, include: readonly string[]) {
  return {
    plugins: [deadEnd()],
    test: {
      // What is run, and chosen by its name, is the instance below.
      name: `in ${project}`,
      include: [...include],
      globalSetup: ['test/support/contract-server.ts'],
      provide: { engine },
      // One page at a time: a handshake waits for another one to the same server.
      fileParallelism: false,
      testTimeout: 5_000,
      hookTimeout: 5_000,
      browser: {
        enabled: true,
        ui: false,
        screenshotFailures: false,
        ...launch,
        instances: [{ browser, name: project }],
      },
    },
  }
}

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias: byName },
        test: {
          name: 'unit',
          environment: 'node',
          include: ['test/**/*.test.ts', 'examples/**/*.test.ts'],
          exclude: [inBrowsers, endToEnd],
        },
      },
      // The demo in a browser, fault by fault, and the chat over a network: real sockets, real time.
      { resolve: { alias: byName }, test: { name: 'faults', environment: 'node', include: [endToEnd] } },
      ...engines.map(({ name, launch }) => inBrowser(name, name, launch, [inBrowsers, ...naive])),
      ...(asUsersHaveIt ? [inBrowser('firefox-as-it-is', 'firefox', asUsersHaveIt, ['test/**/*.firefox.ts'])] : []),
    ],
  },
})
