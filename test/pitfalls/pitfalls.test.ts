import { describe, expect, it, vi } from 'vitest'
import { testsIn } from './named-tests.ts'
import { proofOf, proofs } from './proofs.ts'
import { complaintAbout, type Outcome, outcomeOf } from './putting-to.ts'
import { complaintsAbout, isProof, type NamedTest, readPitfalls, sections } from './registry.ts'
import type { Subject } from './subject.ts'
import { holdfast, others } from './subjects.ts'

// Virtual time, but a busy machine: one that is cut short would leave its world to the next.
vi.setConfig({ testTimeout: 30_000 })

const pitfalls = readPitfalls()
const known = {
  subjects: new Set(others.keys()),
  testsIn: (file: string): ReadonlySet<string> => new Set([...Object.keys(proofs.get(file) ?? {}), ...testsIn(file)]),
}

describe('the pitfalls', () => {
  it('are complete, and name tests that exist', () => {
    expect(pitfalls.flatMap(entry => complaintsAbout(entry, known))).toEqual([])
  })

  it('have an id of their own each', () => {
    const ids = pitfalls.map(({ id }) => id)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  })

  it('use every proof and every subject that there is', () => {
    const named = new Set(pitfalls.flatMap(({ tests }) => tests.map(({ file, name }) => `${file}: ${name}`)))
    const there = [...proofs].flatMap(([file, inFile]) => Object.keys(inFile).map(name => `${file}: ${name}`))
    expect(there.filter(proof => !named.has(proof))).toEqual([])
    const run = new Set(pitfalls.flatMap(({ falls = {} }) => Object.keys(falls)))
    expect([...others.keys()].filter(subject => !run.has(subject))).toEqual([])
  })

  it('are found in every section', () => {
    expect(new Set(pitfalls.map(({ section }) => section))).toEqual(new Set(Object.keys(sections)))
  })
})

describe.each([...proofs])('%s', (_, inFile) => {
  it.each(Object.entries(inFile))('Holdfast %s', async (_, proof) => {
    expect(await outcomeOf(proof, holdfast)).toEqual({ type: 'stands', uncaught: [] })
  })
})

const outcomes = new Map<string, Promise<Outcome>>()

/** One run for each proof and subject, however many entries name them. */
function onlyOutcomeOf(test: NamedTest, subject: Subject): Promise<Outcome> {
  const key = `${test.file} ${test.name} ${subject.name}`
  const outcome = outcomes.get(key) ?? outcomeOf(proofOf(test), subject)
  outcomes.set(key, outcome)
  return outcome
}

const runs = pitfalls.flatMap(({ id, tests: [test], falls = {} }) =>
  isProof(test) ? Object.entries(falls).map(([subject, seen]) => ({ id, test, subject, seen })) : [],
)

describe('who falls', () => {
  it.each(runs)('into $id: $subject', async ({ test, subject, seen }) => {
    const found = others.get(subject)
    if (!found) throw new Error(`Nobody is called "${subject}".`)
    expect(complaintAbout(subject, seen, await onlyOutcomeOf(test, found))).toBeUndefined()
  })
})
