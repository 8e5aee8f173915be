import { type Chart, card, type Heading, MARGIN, topOf, WIDTH } from './card.ts'
import { paint, type Tone } from './palette.ts'
import { place, scaleOf, tickText } from './scale.ts'
import { element, line, text } from './svg.ts'
import { strongWidthOf, widthOf } from './text.ts'

/** One thing that was measured. */
export interface Bar {
  readonly label: string
  readonly tone: Tone
  /** `Infinity`: more than could be waited for. The bar then reaches the end of the axis and is hatched. */
  readonly value: number
  /** From and to where most of what was measured lies: a whisker. */
  readonly spread?: readonly [low: number, high: number]
  /** What stands at its end, with the unit. */
  readonly says: string
}

export interface BarGroup {
  /** Above its bars; without one they stand alone. */
  readonly title?: string
  readonly bars: readonly Bar[]
  /** A line that the first bar should not cross, or should reach, and what is said of it. */
  readonly budget?: { readonly value: number; readonly says: string }
}

export interface BarChart extends Heading {
  readonly name: string
  readonly groups: readonly BarGroup[]
  /** What stands at the axis: "ns over bare". */
  readonly unit: string
  /** The end of the axis, where the longest bar would make the others too short to see. */
  readonly to?: number
}

const ROW = 28
const BAR = 18
const GROUP_GAP = 14
const GROUP_TITLE = 24
const BUDGET_ROOM = 20
const AXIS = 40

const finite = (values: readonly number[]): number[] => values.filter(Number.isFinite)

/** Horizontal bars, in groups, with whiskers, values and budgets. */
export function barChart(chart: BarChart): Chart {
  const { name, title, groups, unit } = chart
  const bars = groups.flatMap(group => group.bars)
  const reach = finite([
    ...bars.flatMap(({ value, spread = [] }) => [value, ...spread]),
    ...groups.flatMap(({ budget }) => (budget ? [budget.value] : [])),
  ])
  const scale = scaleOf(Math.min(...reach), chart.to ?? Math.max(...reach))
  const labels = Math.max(
    ...bars.map(({ label, tone }) => (tone === 'holdfast' ? strongWidthOf(label) : widthOf(label))),
  )
  const values = Math.max(...bars.map(({ says }) => widthOf(says)))
  const left = MARGIN + labels + 14
  const right = WIDTH - MARGIN - values - 10
  const x = place(scale, left, right)
  const top = topOf(chart) + 12
  const drawn: string[] = []

  let y = top
  for (const [i, group] of groups.entries()) {
    if (i) y += GROUP_GAP
    if (group.title) {
      drawn.push(text(MARGIN, y + 15, group.title.replaceAll('`', ''), { class: 'strong' }))
      y += GROUP_TITLE
    }
    if (group.budget) y += group.title ? 0 : BUDGET_ROOM
    const from = y
    y += group.bars.length * ROW
    drawn.push(
      ...scale.ticks.map(tick => line(x(tick), from, x(tick), y, { stroke: paint(tick ? 'grid' : 'quiet') })),
      ...group.bars.map((bar, row) => drawBar(bar, from + row * ROW, x, right)),
      group.budget ? drawBudget(group.budget, from, y, x) : '',
      ...group.bars.map((bar, row) => drawWords(bar, from + row * ROW, x, right)),
    )
  }
  const axis = [
    ...scale.ticks.map(tick =>
      text(x(tick), y + 17, tickText(tick, scale), { class: 'quiet small', 'text-anchor': 'middle' }),
    ),
    text((left + right) / 2, y + 35, unit, { class: 'quiet small', 'text-anchor': 'middle' }),
  ]
  const description = groups
    .map(group => [group.title, ...group.bars.map(({ label, says }) => `${label}: ${says}`), group.budget?.says])
    .map(parts => `${parts.filter(Boolean).join('; ')}.`)
    .join(' ')
  return {
    name,
    alt: title,
    svg: card(chart, description, y + AXIS - topOf(chart), [hatches(bars), ...drawn, ...axis].join('\n')),
  }
}

/** Stripes for bars without an end. */
function hatches(bars: readonly Bar[]): string {
  const tones = [...new Set(bars.filter(({ value }) => value === Infinity).map(({ tone }) => tone))]
  return tones
    .map(tone =>
      element(
        'pattern',
        { id: `beyond-${tone}`, width: 7, height: 7, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
        element('rect', { width: 7, height: 7, fill: paint(tone), opacity: '0.25' }) +
          element('rect', { width: 3, height: 7, fill: paint(tone), opacity: '0.8' }),
      ),
    )
    .join('\n')
}

const bounded = (at: number, right: number): number => Math.min(Math.max(at, MARGIN), right)

/** Where a bar and its whisker end, in px. */
function ends({ value, spread }: Bar, x: (value: number) => number, right: number) {
  const end = bounded(x(value), right)
  return {
    zero: x(0),
    end,
    low: spread ? bounded(x(spread[0]), right) : end,
    high: spread ? bounded(x(spread[1]), right) : end,
  }
}

function drawBar(bar: Bar, y: number, x: (value: number) => number, right: number): string {
  const { tone, value } = bar
  const middle = y + ROW / 2
  const { zero, end, low, high } = ends(bar, x, right)
  const whisker = { stroke: paint('ink'), 'stroke-width': '1.5', opacity: '0.75' }
  return [
    element('rect', {
      x: Math.min(zero, end),
      y: middle - BAR / 2,
      width: Math.max(Math.abs(end - zero), 1.5),
      height: BAR,
      rx: 2,
      fill: value === Infinity ? `url(#beyond-${tone})` : paint(tone),
    }),
    ...(high - low > 2
      ? [
          line(low, middle, high, middle, whisker),
          line(low, middle - 4, low, middle + 4, whisker),
          line(high, middle - 4, high, middle + 4, whisker),
        ]
      : []),
  ].join('\n')
}

function drawWords(bar: Bar, y: number, x: (value: number) => number, right: number): string {
  const { zero, end, high } = ends(bar, x, right)
  const weight = bar.tone === 'holdfast' ? ' strong' : ''
  return [
    text(MARGIN, y + ROW / 2 + 4.5, bar.label, { class: weight.trim() || undefined }),
    text(Math.max(zero, end, high) + 8, y + ROW / 2 + 4.5, bar.says, { class: `clear${weight}` }),
  ].join('\n')
}

function drawBudget(
  { value, says }: { readonly value: number; readonly says: string },
  from: number,
  to: number,
  x: (value: number) => number,
): string {
  const at = x(value)
  const fitsRight = at + widthOf(says, 12) + 6 < WIDTH - MARGIN
  return [
    line(at, from - 16, at, to, { stroke: paint('budget'), 'stroke-width': '1.5', 'stroke-dasharray': '5 4' }),
    text(at + (fitsRight ? 6 : -6), from - 6, says, {
      class: 'budget small clear',
      'text-anchor': fitsRight ? undefined : 'end',
    }),
  ].join('\n')
}
