import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Engine, runnableEngines } from './engines.ts'

const THERE = { browser: 'chromium', headless: true } as const
const machine: readonly Engine[] = [
  { name: 'chromium', launch: THERE, whyNot: '' },
  { name: 'firefox', launch: undefined, whyNot: 'no Firefox was found' },
  { name: 'webkit', launch: THERE, whyNot: '' },
]

describe('the engines to run', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })
  const names = () => runnableEngines(machine).map(({ name }) => name)

  it('are those that are there, when none is demanded', () => {
    vi.stubEnv('HOLDFAST_BROWSERS', '')
    expect(names()).toEqual(['chromium', 'webkit'])
  })

  it('are those that are demanded', () => {
    vi.stubEnv('HOLDFAST_BROWSERS', 'webkit')
    expect(names()).toEqual(['webkit'])
  })

  it('are none when one that is demanded is not there: it says which, and why', () => {
    vi.stubEnv('HOLDFAST_BROWSERS', 'chromium,firefox')
    expect(names).toThrow('`HOLDFAST_BROWSERS` demands firefox, but no Firefox was found.')
  })

  it('are none when nobody knows the one that is demanded', () => {
    vi.stubEnv('HOLDFAST_BROWSERS', 'lynx')
    expect(names).toThrow('Expected `HOLDFAST_BROWSERS` to name chromium, firefox, webkit, got lynx.')
  })
})
