import { describe, expect, it } from 'vitest'

type ReadEntry = (entry: { readonly codes: string; readonly answer: string; readonly ms: string }) => unknown

// The page is plain JavaScript with its own type check, which this one does not see.
const module: unknown = await import(new URL('../../../examples/dashboard/page/close-policy.js', import.meta.url).href)

function isModule(value: unknown): value is { readonly readEntry: ReadEntry } {
  return typeof value === 'object' && value !== null && 'readEntry' in value && typeof value.readEntry === 'function'
}

if (!isModule(module)) throw new Error('Expected close-policy.js to export readEntry().')
const { readEntry } = module

const read = (codes: string, answer = 'stop', ms = '500'): unknown => readEntry({ codes, answer, ms })

describe('a row of the policy editor', () => {
  it.each([
    ['4401', { from: 4401, to: 4401 }],
    [' 4000 - 4099 ', { from: 4000, to: 4099 }],
    ['4000–4099', { from: 4000, to: 4099 }],
    ['1000-4999', { from: 1000, to: 4999 }],
  ])('reads "%s"', (codes, range) => {
    expect(read(codes)).toEqual({ ...range, answer: 'stop' })
  })

  it.each([
    ['', 'Ignored until it has a code'],
    ['40', '“40” is neither a code'],
    ['44011', '“44011” is neither a code'],
    ['4000-', '“4000-” is neither a code'],
    ['0999', 'from 1000 to 4999'],
    ['4000-5000', 'from 1000 to 4999'],
    ['4099-4000', 'as 4000-4099'],
  ])('is ignored, and says why, for "%s"', (codes, problem) => {
    expect(read(codes)).toEqual({ problem: expect.stringContaining(problem) })
  })

  it.each(['0', '500', '600000'])('retries after %s ms', ms => {
    expect(read('4000', 'after', ms)).toMatchObject({ answer: { afterMs: Number(ms) } })
  })

  it.each(['', '-1', '1.5', '1e3', '600001', 'soon'])('is ignored for a delay of "%s"', ms => {
    expect(read('4000', 'after', ms)).toEqual({ problem: expect.stringContaining('whole milliseconds') })
  })
})
