import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { NAMES } from './clients.ts'
import { EXPERIMENTS } from './experiments.ts'

const guide = readFileSync(new URL('../../docs/migrating.md', import.meta.url), 'utf8')
const begin = guide.indexOf('<!-- behaviours:begin -->')
const [header = '', , ...rows] = guide
  .slice(begin, guide.indexOf('<!-- behaviours:end -->'))
  .trim()
  .split('\n')
  .slice(1)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] })
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  vi.clearAllTimers()
  vi.useRealTimers()
})

describe('docs/migrating.md, behaviour by behaviour', () => {
  it('compares those whose code is run here', () => {
    expect(header).toBe(`| | ${NAMES.join(' | ')} |`)
    expect(rows).toHaveLength(EXPERIMENTS.length)
  })

  it.each(EXPERIMENTS.map(({ question, answer }, index) => ({ question, answer, index })))(
    'tells what each does: $question',
    async ({ question, answer, index }) => {
      const answers: string[] = []
      for (const name of NAMES) answers.push(await answer(name))
      expect(rows[index]).toBe(`| ${question} | ${answers.join(' | ')} |`)
    },
  )
})
