import { type Spread, spread } from './statistics.ts'

export interface Table {
  /** Where a section has more than one. */
  readonly title?: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A number for readers: thousands apart, so many digits after the point. */
export const shown = (value: number, digits = 0): string =>
  // Adding 0 makes a 0 of -0.
  (Number(value.toFixed(digits)) + 0).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })

/** "120 (116 to 131)": the median, and p10 to p90; of a single sample, that. */
export function cell(values: readonly number[], digits = 0): string {
  const { p10, median, p90 }: Spread = spread(values)
  if (values.length === 1) return shown(median, digits)
  return `${shown(median, digits)} (${shown(p10, digits)} to ${shown(p90, digits)})`
}

/** What a budget says, and whether it was kept. */
export function verdict(
  what: string,
  measured: number,
  limit: number,
  kind: 'at most' | 'at least',
  digits = 0,
): string {
  // What is shown is what is compared: no more digits than the measurement has.
  const value = Number(measured.toFixed(digits))
  const kept = kind === 'at most' ? value <= limit : value >= limit
  const bound = `${kind} ${shown(limit, digits)}`
  return `Budget, ${what}: ${bound}. Measured: ${shown(measured, digits)}. **${kept ? 'Kept' : 'Missed'}.**`
}

/** The table in Markdown: the first column to the left, the others to the right. */
export function markdown({ title, head, rows }: Table): string {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map(cells => cells[i]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, i) => (i ? (cells[i] ?? '').padStart(width) : (cells[i] ?? '').padEnd(width))).join(' | ')} |`
  return [
    ...(title ? [`### ${title}`, ''] : []),
    line(head),
    line(widths.map((width, i) => (i ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)))),
    ...rows.map(line),
    '',
  ].join('\n')
}
