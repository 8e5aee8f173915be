import { existsSync } from 'node:fs'
import { playwright } from '@vitest/browser-playwright'
import type { BrowserConfigOptions, BrowserInstanceOption } from 'vitest/node'
import { findChromium } from '../../scripts/find-chromium.ts'
import type { EngineName } from './engine-name.ts'
import { webkit } from './webkit.ts'
import { DISPLAY_SERVER, WEBKIT_DRIVER } from './webkit-driver.ts'

/** How Vitest runs a browser. */
export type Launch = Pick<BrowserConfigOptions, 'headless' | 'provider'> & Pick<BrowserInstanceOption, 'browser'>

/** One browser engine, and how to run it on this machine; `launch` is undefined when it is not there. */
export interface Engine {
  readonly name: EngineName
  readonly launch: Launch | undefined
  readonly whyNot: string
}

/** Firefox holds back dials to a host that just failed, for up to a minute: not while that is not what is tested. */
const DIALS_AT_ONCE = { 'network.websocket.delay-failed-reconnects': false }

function findFirefox(): string | undefined {
  const asked = process.env.FIREFOX_PATH
  const candidates = asked
    ? [asked]
    : ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox']
  return candidates.find(existsSync)
}

function findMiniBrowser(): string | undefined {
  const triples = ['x86_64-linux-gnu', 'aarch64-linux-gnu']
  return triples.map(triple => `/usr/lib/${triple}/webkit2gtk-4.1/MiniBrowser`).find(existsSync)
}

function chromium(): Engine {
  const executablePath = findChromium()
  return {
    name: 'chromium',
    launch: executablePath
      ? { browser: 'chromium', headless: true, provider: playwright({ launchOptions: { executablePath } }) }
      : undefined,
    whyNot: 'no Chromium was found: set CHROMIUM_PATH or run `node --import tsx scripts/find-chromium.ts`',
  }
}

/** The stock browser, over WebDriver BiDi: Playwright's own Firefox is a build that has to be downloaded. */
export function firefox(preferences: Readonly<Record<string, boolean>> = DIALS_AT_ONCE): Engine {
  const executablePath = findFirefox()
  return {
    name: 'firefox',
    launch: executablePath
      ? {
          browser: 'firefox',
          headless: true,
          provider: playwright({
            launchOptions: { channel: 'moz-firefox', executablePath, firefoxUserPrefs: { ...preferences } },
          }),
        }
      : undefined,
    whyNot: 'no Firefox was found: set FIREFOX_PATH, or on Debian install firefox-esr',
  }
}

function webkitGtk(): Engine {
  const binary = findMiniBrowser()
  const missing = [WEBKIT_DRIVER, DISPLAY_SERVER].filter(path => !existsSync(path))
  return {
    name: 'webkit',
    launch:
      binary && missing.length === 0 ? { browser: 'safari', headless: false, provider: webkit(binary) } : undefined,
    whyNot: `there is no ${[binary ? '' : 'MiniBrowser', ...missing].filter(Boolean).join(', no ')}: on Debian install webkit2gtk-driver and xvfb`,
  }
}

/** Every engine there is to know about, in the order of the report. */
export function engines(): readonly Engine[] {
  return [chromium(), firefox(), webkitGtk()]
}

/** The engines `HOLDFAST_BROWSERS` demands; empty when it is not set. */
export function demandedEngines(): readonly string[] {
  return (process.env.HOLDFAST_BROWSERS ?? '').split(',').filter(name => name !== '')
}

/** The engines to run. Throws when one that is demanded is not there: its absence must not look like success. */
export function runnableEngines(all = engines()): readonly (Engine & { readonly launch: Launch })[] {
  const demanded = demandedEngines()
  for (const name of demanded) {
    const engine = all.find(engine => engine.name === name)
    if (!engine)
      throw new Error(`Expected \`HOLDFAST_BROWSERS\` to name ${all.map(({ name }) => name).join(', ')}, got ${name}.`)
    if (!engine.launch) throw new Error(`\`HOLDFAST_BROWSERS\` demands ${name}, but ${engine.whyNot}.`)
  }
  return all.filter(
    (engine): engine is Engine & { readonly launch: Launch } =>
      engine.launch !== undefined && (demanded.length === 0 || demanded.includes(engine.name)),
  )
}
