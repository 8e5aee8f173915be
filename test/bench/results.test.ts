import { describe, expect, it } from 'vitest'
import { merged, type Results, read, write } from '../../bench/findings.ts'
import { report } from '../../bench/report.ts'
import type { Section } from '../../bench/section.ts'

const results: Results = {
  run: { date: '2026-01-02 03:04', machine: 'a machine' },
  sections: {
    waits: { facts: { watched: '60' }, samples: { found: { holdfast: [1.5, 2], peer: [Infinity, 70_000] } } },
  },
}

const waits: Section = {
  name: 'waits',
  measure: () => Promise.reject(new Error('Nothing is measured when results are drawn.')),
  show: ({ facts, samples }, source) => ({
    title: `Watched for ${facts.watched} s`,
    lead: `Found: ${samples.found?.holdfast?.join(' and ')}.`,
    charts: [{ name: 'found', alt: 'A chart', svg: `<svg>${source}</svg>` }],
    tables: [{ head: ['', 'seconds'], rows: [['Holdfast', '1.5']] }],
    notes: [],
  }),
}

describe('the results of a run', () => {
  it('are read as they were written, with those that waited without an end', () => {
    expect(read(write(results))).toEqual(results)
  })

  it('keep each list of samples on one line', () => {
    expect(write(results)).toContain('"holdfast": [ 1.5, 2 ]')
  })

  it('are refused when they are not what a run writes', () => {
    expect(() => read('[]')).toThrow('Expected an object')
    expect(() => read('{"run":{},"sections":{"send":{"facts":{},"samples":{"ns":{"bare":["1"]}}}}}')).toThrow(
      'Expected a number, got "1".',
    )
  })

  it('are drawn again without a run: the same page, the same charts', () => {
    const files = report(read(write(results)), [waits])
    expect(files).toEqual(report(results, [waits]))
    expect(files.map(({ path }) => path)).toEqual(['RESULTS.md', 'plots/found.svg'])
    expect(files[0]?.content).toContain('## Watched for 60 s\n\nFound: 1.5 and 2.\n')
    expect(files[0]?.content).toContain('![A chart](plots/found.svg)')
    expect(files[0]?.content).toContain('| Holdfast |     1.5 |')
    expect(files[1]?.content).toContain('npm run bench -- --only=waits · 2026-01-02 · a machine')
  })

  it('show no section that was not measured', () => {
    expect(report({ ...results, sections: {} }, [waits])).toHaveLength(1)
  })

  it('keep the other sections when some are measured apart, and say of those when that was', () => {
    const run = { kind: 'Another', date: '2026-02-03 04:05', machine: 'a faster one', conditions: 'at night' }
    const later = { run, sections: { waits: { facts: { watched: '5' }, samples: { found: { holdfast: [9] } } } } }
    const stored = { ...results, sections: { ...results.sections, size: { facts: {}, samples: {} } } }
    const both = read(write(merged(stored, later)))
    expect(both.run).toEqual(results.run)
    expect(both.sections.size).toEqual({ facts: {}, samples: {} })
    expect(both.sections.waits).toEqual({ ...later.sections.waits, run })

    const [page, plot] = report(both, [waits])
    expect(page?.content).toContain('One run: 2026-01-02 03:04; a machine')
    expect(page?.content).toContain(
      '`npm run bench -- --only=waits`\n\nMeasured apart from the rest. Another: 2026-02-03 04:05; a faster one; at night.\n',
    )
    expect(plot?.content).toContain('npm run bench -- --only=waits · 2026-02-03 · a faster one')
  })
})
