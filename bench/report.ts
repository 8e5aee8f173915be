import type { Results } from './findings.ts'
import type { Section, Shown } from './section.ts'
import { markdown } from './table.ts'

export const command = (section: string): string => `npm run bench -- --only=${section}`

/** A file that a run writes: its path below `bench/`, and what is in it. */
export interface Written {
  readonly path: string
  readonly content: string
}

const ranOf = ({ kind = 'One run', date = '', machine = '', conditions = '' }: Results['run']): string =>
  `${kind}: ${date}; ${machine}; ${conditions}.`

function chapter(
  name: string,
  { title, lead, charts, tables, notes }: Shown,
  apart: Results['run'] | undefined,
): string {
  return [
    `## ${title}`,
    '',
    lead,
    '',
    `\`${command(name)}\``,
    '',
    ...(apart ? [`Measured apart from the rest. ${ranOf(apart)}`, ''] : []),
    ...charts.flatMap(chart => [`![${chart.alt.replace(/[[\]]/g, '')}](plots/${chart.name}.svg)`, '']),
    ...tables.map(markdown),
    ...notes.map(note => `- ${note}`),
    ...(notes.length ? [''] : []),
  ].join('\n')
}

/** RESULTS.md and the charts of it: nothing in them that is not in the results. */
export function report({ run, sections }: Results, known: readonly Section[]): readonly Written[] {
  const found = known.flatMap(section => {
    const findings = sections[section.name]
    if (!findings) return []
    const { date = '', machine = '' } = findings.run ?? run
    const source = `${command(section.name)} · ${date.slice(0, 10)} · ${machine}`
    return [{ name: section.name, shown: section.show(findings, source), apart: findings.run }]
  })
  const text = [
    '# Results',
    '',
    '<!-- Written by `npm run bench`; edits are lost. -->',
    '',
    `${ranOf(run)} Whiskers in the charts, and brackets in the tables, are p10 to p90. What the numbers mean and where they end: [README](README.md). Every number of the run: [results.json](results.json).`,
    '',
    found
      .map(({ name, shown, apart }) => chapter(name, shown, apart))
      .join('\n')
      .trimEnd(),
    '',
  ].join('\n')
  return [
    { path: 'RESULTS.md', content: text },
    ...found.flatMap(({ shown }) => shown.charts.map(({ name, svg }) => ({ path: `plots/${name}.svg`, content: svg }))),
  ]
}
