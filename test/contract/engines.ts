import { playwright } from '@vitest/browser-playwright'
import type { BrowserInstanceOption } from 'vitest/node'
import { findChromium } from '../../scripts/find-chromium.ts'

export type EngineName = 'chromium' | 'firefox' | 'webkit'

/** One browser engine, and how Vitest runs it on this machine; `instance` is undefined when it is not there. */
export interface Engine {
  readonly name: EngineName
  readonly instance: BrowserInstanceOption | undefined
  readonly whyNot: string
}

function chromium(): Engine {
  const executablePath = findChromium()
  return {
    name: 'chromium',
    instance: executablePath
      ? { browser: 'chromium', provider: playwright({ launchOptions: { executablePath } }) }
      : undefined,
    whyNot: 'no Chromium was found: set CHROMIUM_PATH or run `node --import tsx scripts/find-chromium.ts`',
  }
}

/** Every engine there is to know about, in the order of the report. */
export function engines(): readonly Engine[] {
  return [
    chromium(),
    { name: 'firefox', instance: undefined, whyNot: 'the suite has not been fitted to it yet' },
    { name: 'webkit', instance: undefined, whyNot: 'the suite has not been fitted to it yet' },
  ]
}

/** The engines `HOLDFAST_BROWSERS` demands; empty when it is not set. */
export function demandedEngines(): readonly string[] {
  return (process.env.HOLDFAST_BROWSERS ?? '').split(',').filter(name => name !== '')
}

/** The engines to run. Throws when one that is demanded is not there: its absence must not look like success. */
export function runnableEngines(all = engines()): readonly (Engine & { readonly instance: BrowserInstanceOption })[] {
  const demanded = demandedEngines()
  for (const name of demanded) {
    const engine = all.find(engine => engine.name === name)
    if (!engine)
      throw new Error(`Expected \`HOLDFAST_BROWSERS\` to name ${all.map(({ name }) => name).join(', ')}, got ${name}.`)
    if (!engine.instance) throw new Error(`\`HOLDFAST_BROWSERS\` demands ${name}, but ${engine.whyNot}.`)
  }
  return all.filter(
    (engine): engine is Engine & { readonly instance: BrowserInstanceOption } =>
      engine.instance !== undefined && (demanded.length === 0 || demanded.includes(engine.name)),
  )
}
