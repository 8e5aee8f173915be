import { afterEach, describe, expect, it, vi } from 'vitest'
import { namesOfTests, testsIn } from './named-tests.ts'
import { complaintAbout, outcomeOf } from './putting-to.ts'
import { complaintsAbout, type Pitfall } from './registry.ts'
import { holdfast } from './subjects.ts'
import { throttled } from './throttled-timers.ts'

const RIGHT: Pitfall = {
  id: 'a-pitfall',
  section: 'closing',
  pitfall: 'It goes wrong.',
  tests: [{ file: 'test/pitfalls/closing.ts', name: 'goes right' }],
  falls: { somebody: 'it went wrong' },
}
const known = {
  subjects: new Set(['somebody']),
  testsIn: (file: string) => new Set(file === 'test/pitfalls/closing.ts' ? ['goes right'] : ['is another test']),
}
const ELSEWHERE = { file: 'test/elsewhere.test.ts', name: 'is another test' }
const { falls: _, ...withoutFalls } = RIGHT

describe('an entry', () => {
  it('that is complete is fine', () => {
    expect(complaintsAbout(RIGHT, known)).toEqual([])
    expect(complaintsAbout({ ...withoutFalls, tests: [ELSEWHERE], notRun: 'A reason.' }, known)).toEqual([])
  })

  it.each<readonly [string, Pitfall, string]>([
    [
      'has a test that was renamed',
      { ...RIGHT, tests: [{ ...ELSEWHERE, name: 'old name' }] },
      'has no test "old name"',
    ],
    ['has no test', { ...RIGHT, tests: [] }, '`tests` names at least one test.'],
    ['says nothing', { ...RIGHT, pitfall: ' ' }, '`pitfall` says what goes wrong.'],
    ['has an id that is none', { ...RIGHT, id: 'A Pitfall' }, '`id` is words'],
    ['is in no section', { ...RIGHT, section: 'toString' }, 'no section is called "toString"'],
    ['says neither who falls nor why nobody is run', withoutFalls, 'either `falls`'],
    ['says both', { ...RIGHT, notRun: 'A reason.' }, 'either `falls`'],
    ['has an empty reason', { ...withoutFalls, notRun: '' }, '`notRun` gives a reason.'],
    ['names nobody who falls', { ...RIGHT, falls: {} }, '`falls` names somebody.'],
    ['names somebody unknown', { ...RIGHT, falls: { nobody: 'x' } }, 'nobody is called "nobody"'],
    ['does not say what was seen', { ...RIGHT, falls: { somebody: '' } }, 'it says what was seen of somebody.'],
    ['has a first test that only Holdfast can be put to', { ...RIGHT, tests: [ELSEWHERE] }, 'its first test'],
  ])('that %s is told', (_, entry, complaint) => {
    expect(complaintsAbout(entry, known).join('\n')).toContain(complaint)
  })

  it('that has more than it should is told', () => {
    expect(complaintsAbout(Object.assign({ skip: true }, RIGHT), known)).toEqual([
      'a-pitfall: nothing is called `skip`.',
    ])
  })
})

describe('somebody who is said to fall', () => {
  it('and stands is told', async () => {
    const outcome = await outcomeOf(async () => {}, holdfast)
    expect(complaintAbout('somebody', 'it went wrong', outcome)).toContain('does not fall into this any more')
  })

  it('and makes the test crash is told: that proves nothing', async () => {
    const outcome = await outcomeOf(({ socket }) => Promise.reject(new Error(`no ${typeof socket}`)), holdfast)
    expect(complaintAbout('somebody', 'no function', outcome)).toContain('could not be put to the proof')
  })

  it('and falls in another way is told', async () => {
    const outcome = await outcomeOf(async () => expect.unreachable('elsewhere'), holdfast)
    expect(outcome.type).toBe('falls')
    expect(complaintAbout('somebody', 'it went wrong', outcome)).toContain('falls into this in another way')
  })

  it('and falls just so is fine', () => {
    expect(complaintAbout('somebody', 'it went wrong', { type: 'falls', seen: 'it went wrong' })).toBeUndefined()
  })
})

describe('the names of tests', () => {
  it('are those below their groups, as they are written', () => {
    const source = `
      describe('a group', () => {
        it('is one', () => {})
        it.each([1])('is %i', () => {})
        describe.concurrent(\`of \${x}\`, () => test(\`is \${y}\`, () => {}))
      })
      it.skipIf(z)('stands alone', () => {})
    `
    expect([...namesOfTests(source)]).toEqual([
      'a group > is one',
      'a group > is %i',
      `a group > of \${x} > is \${y}`,
      'stands alone',
    ])
  })

  it('are none where there is no file', () => {
    expect(testsIn('test/nowhere.test.ts').size).toBe(0)
  })
})

describe('throttled timers', () => {
  afterEach(() => vi.useRealTimers())

  it('fire on the second, and on the minute where a timer set them', () => {
    vi.useFakeTimers()
    const fired: number[] = []
    const setTimer = throttled(setTimeout)
    setTimer(() => {
      fired.push(performance.now())
      setTimer(() => fired.push(performance.now()), 5_000)
    }, 4_500)
    vi.advanceTimersByTime(120_000)
    expect(fired).toEqual([5_000, 60_000])
  })
})
