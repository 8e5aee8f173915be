import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright'

const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/**
 * The Chromium to test with: `CHROMIUM_PATH`, else the system's, else the one Playwright has downloaded.
 * A `CHROMIUM_PATH` that does not exist is not replaced by another browser in silence.
 */
export function findChromium(): string | undefined {
  const asked = process.env.CHROMIUM_PATH
  const candidates = asked ? [asked] : [...INSTALLED, chromium.executablePath()]
  return candidates.find(existsSync)
}

function attempt(command: string, args: readonly string[]): void {
  try {
    execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  } catch {
    // Whether it helped is seen by looking again.
  }
}

/** Finds a Chromium or installs one: through Playwright, else through apt where that is possible. */
export function ensureChromium(): string {
  const present = findChromium()
  if (present) return present
  if (!process.env.CHROMIUM_PATH) {
    attempt('npx', ['playwright', 'install', 'chromium'])
    const aptWorks = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
    if (!findChromium() && aptWorks) {
      attempt('apt-get', ['update'])
      attempt('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'])
    }
  }
  const installed = findChromium()
  if (installed) return installed
  throw new Error('No Chromium: install one and point CHROMIUM_PATH at it, or run `npx playwright install chromium`.')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(ensureChromium())
  } catch (problem) {
    console.error(problem instanceof Error ? problem.message : problem)
    process.exitCode = 1
  }
}
