// What the demo is played on: the library built from these sources, and one browser.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium } from 'playwright'
import { build } from 'tsup'
import { type Demo, type DemoOptions, startDemo } from '../../../examples/dashboard/demo.ts'
import { ensureChromium } from '../../../scripts/find-chromium.ts'

export interface Stage {
  readonly browser: Browser
  /** A demo of one's own: faults, accounts and refusals are remembered. Tokens outlive a test unless it says otherwise. */
  demo(options?: Pick<DemoOptions, 'tokenLifeMs' | 'nodeDownMs'>): Promise<Demo>
  close(): Promise<void>
}

export async function stage(): Promise<Stage> {
  // Built afresh and aside, so that the test speaks of this source and disturbs nobody's `dist`.
  const library = await mkdtemp(join(tmpdir(), 'holdfast-demo-'))
  // What the pages load, and no more.
  const entry = {
    index: 'src/index.ts',
    observe: 'src/observe/index.ts',
    session: 'src/session/index.ts',
    sse: 'src/sse/index.ts',
    polling: 'src/polling/index.ts',
  }
  await build({ entry, outDir: library, format: ['esm'], dts: false, clean: false, silent: true })
  const browser = await chromium.launch({ executablePath: ensureChromium() })
  return {
    browser,
    demo: options => startDemo({ port: 0, library: pathToFileURL(`${library}/`), tokenLifeMs: 600_000, ...options }),
    async close() {
      await browser.close()
      await rm(library, { recursive: true })
    },
  }
}
