import puppeteer, { type Browser } from 'puppeteer-core'
import { ensureChromium } from '../../scripts/find-chromium.ts'

/** What puppeteer switches off, because pages that are throttled, frozen and cached are the subject here. */
const WANTED = [
  '--disable-back-forward-cache',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
]

/**
 * A Chromium that treats its pages as on a desk: hidden ones are throttled, to one timer a minute after 3 s instead of
 * 5 min. Playwright holds every page visible, hence puppeteer.
 */
export function startChromium(...args: readonly string[]): Promise<Browser> {
  return puppeteer.launch({
    executablePath: ensureChromium(),
    headless: true,
    ignoreDefaultArgs: WANTED,
    args: ['--no-sandbox', '--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/3', ...args],
  })
}
