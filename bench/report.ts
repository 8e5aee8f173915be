import type { Results } from './findings.ts'
import type { Section, Shown } from './section.ts'
import { markdown } from './table.ts'

export const command = (section: string): string => `npm run bench -- --only=${section}`

/** A file that a run writes: its path below `bench/`, and what is in it. */
export interface Written {
  readonly path: string
  readonly content: string
}

function chapter(name: string, { title, lead, charts, tables, notes }: Shown): string {
  return [
    `## ${title}`,
    '',
    lead,
    '',
    `\`${command(name)}\``,
    '',
    ...charts.flatMap(chart => [`![${chart.alt.replace(/[[\]]/g, '')}](plots/${chart.name}.svg)`, '']),
    ...tables.map(markdown),
    ...notes.map(note => `- ${note}`),
    ...(notes.length ? [''] : []),
  ].join('\n')
}

/** RESULTS.md and the charts of it: nothing in them that is not in the results. */
export function report({ run, sections }: Results, known: readonly Section[]): readonly Written[] {
  const { date = '', conditions = '' } = run
  const found = known.flatMap(section => {
    const findings = sections[section.name]
    const source = `${command(section.name)} · ${date.slice(0, 10)} · ${run.machine ?? ''}`
    return findings ? [{ name: section.name, shown: section.show(findings, source) }] : []
  })
  const text = [
    '# Results',
    '',
    '<!-- Written by `npm run bench`; edits are lost. -->',
    '',
    `${run.kind ?? 'One run'}: ${date}; ${run.machine ?? ''}; ${conditions}. Whiskers in the charts, and brackets in the tables, are p10 to p90. What the numbers mean and where they end: [README](README.md). Every number of the run: [results.json](results.json).`,
    '',
    found
      .map(({ name, shown }) => chapter(name, shown))
      .join('\n')
      .trimEnd(),
    '',
  ].join('\n')
  return [
    { path: 'RESULTS.md', content: text },
    ...found.flatMap(({ shown }) => shown.charts.map(({ name, svg }) => ({ path: `plots/${name}.svg`, content: svg }))),
  ]
}
