import { type Chart, card, type Heading, MARGIN, topOf, WIDTH } from './card.ts'
import { paint, type Tone } from './palette.ts'
import { place, scaleOf, tickText } from './scale.ts'
import { element, line, text } from './svg.ts'
import { widthOf } from './text.ts'

export type Point = readonly [x: number, y: number]

/** One line: what it stands for, and its points from left to right. */
export interface Series {
  readonly label: string
  readonly tone: Tone
  readonly points: readonly Point[]
  /** A line that is not measured but known: dashed. */
  readonly dashed?: boolean
}

export interface LineChart extends Heading {
  readonly name: string
  readonly series: readonly Series[]
  /** What stands at each axis, with its unit: "s after the restart". */
  readonly xUnit: string
  readonly yUnit: string
  /** Ends of the axes, where the points alone would not say. */
  readonly xTo?: number
  readonly yTo?: number
  /** A value that a line should stay below. */
  readonly budget?: { readonly value: number; readonly says: string }
  /** Moments that explain the lines: "the server is back". */
  readonly moments?: readonly { readonly x: number; readonly says: string }[]
  /** What is said of all of it to a reader who does not see it. */
  readonly description: string
}

const HEIGHT = 300
const LEGEND = 26
const AXIS = 44
/** Between two labels at the ends of lines. */
const APART = 17

/** At most four points for every px: the first, the least, the most and the last of those that share it. */
export function thinned(points: readonly Point[], x: (value: number) => number): readonly Point[] {
  const columns = new Map<number, Point[]>()
  for (const point of points) {
    const column = Math.round(x(point[0]))
    columns.set(column, [...(columns.get(column) ?? []), point])
  }
  return [...columns.values()].flatMap(all => {
    const sorted = [...all].sort((one, other) => one[1] - other[1])
    const kept = new Set([all[0], sorted[0], sorted.at(-1), all.at(-1)])
    return all.filter(point => kept.has(point))
  })
}

/** The same heights, in the same order, moved so that none is nearer than that to the next and all lie between. */
export function apart(wanted: readonly number[], gap: number, from: number, to: number): readonly number[] {
  const order = wanted.map((_, i) => i).sort((one, other) => (wanted[one] ?? 0) - (wanted[other] ?? 0))
  const placed = [...wanted]
  let least = from
  for (const i of order) {
    placed[i] = Math.max(placed[i] ?? 0, least)
    least = (placed[i] ?? 0) + gap
  }
  let most = to
  for (const i of order.reverse()) {
    placed[i] = Math.min(placed[i] ?? 0, most)
    most = (placed[i] ?? 0) - gap
  }
  return placed
}

/** Lines over time, labelled at their ends, with a legend. */
export function lineChart(chart: LineChart): Chart {
  const { name, title, series, budget, moments = [], description } = chart
  const all = series.flatMap(({ points }) => points)
  const highest = Math.max(...all.map(([, y]) => y), budget?.value ?? 0)
  const xScale = scaleOf(0, chart.xTo ?? Math.max(...all.map(([x]) => x)), 8)
  const yScale = scaleOf(0, chart.yTo ?? highest)
  const xEnd = chart.xTo ?? xScale.to
  const left = MARGIN + Math.max(...yScale.ticks.map(tick => widthOf(tickText(tick, yScale), 12))) + 8
  const right = WIDTH - MARGIN - Math.max(...series.map(({ label }) => widthOf(label))) - 16
  const top = topOf(chart) + 12 + LEGEND + 30
  const bottom = top + HEIGHT
  const x = place({ ...xScale, to: xEnd }, left, right)
  const y = place(yScale, bottom, top)
  const grid = [
    ...yScale.ticks.map(tick => line(left, y(tick), right, y(tick), { stroke: paint(tick ? 'grid' : 'quiet') })),
    ...yScale.ticks.map(tick =>
      text(left - 8, y(tick) + 4, tickText(tick, yScale), { class: 'quiet small', 'text-anchor': 'end' }),
    ),
    ...xScale.ticks
      .filter(tick => tick <= xEnd)
      .map(tick =>
        text(x(tick), bottom + 18, tickText(tick, xScale), { class: 'quiet small', 'text-anchor': 'middle' }),
      ),
    text((left + right) / 2, bottom + 37, chart.xUnit, { class: 'quiet small', 'text-anchor': 'middle' }),
    text(MARGIN, top - 12, chart.yUnit, { class: 'quiet small' }),
  ]
  const drawn = series.map(({ tone, points, dashed }) =>
    element('polyline', {
      points: thinned(points, x)
        .filter(([at]) => at <= xEnd)
        .map(([at, value]) => `${x(at).toFixed(1)},${y(Math.min(value, yScale.to)).toFixed(1)}`)
        .join(' '),
      fill: 'none',
      stroke: paint(tone),
      'stroke-width': tone === 'holdfast' ? 3 : 2,
      'stroke-linejoin': 'round',
      'stroke-linecap': dashed ? undefined : 'round',
      'stroke-dasharray': dashed ? '6 5' : undefined,
    }),
  )
  // Ours is drawn last, and lies on top.
  const order = series.map((_, i) => i).sort((one, other) => rank(series[one]) - rank(series[other]))
  return {
    name,
    alt: title,
    svg: card(
      chart,
      description,
      bottom + AXIS - topOf(chart),
      [
        legend(series, topOf(chart) + 12 + LEGEND / 2),
        ...grid,
        ...moments.map(moment => drawMoment(moment, x, top, bottom, right)),
        ...order.map(i => drawn[i] ?? ''),
        budget ? drawBudget(budget, y, left, right) : '',
        ends(series, x, y, { top, bottom, right, xEnd, yTo: yScale.to }),
      ].join('\n'),
    ),
  }
}

const rank = (series: Series | undefined): number => (series?.tone === 'holdfast' ? 1 : 0)

function legend(series: readonly Series[], y: number): string {
  let x = MARGIN
  return series
    .map(({ label, tone, dashed }) => {
      const key = line(x, y, x + 22, y, {
        stroke: paint(tone),
        'stroke-width': tone === 'holdfast' ? 4 : 3,
        'stroke-dasharray': dashed ? '6 5' : undefined,
      })
      const words = text(x + 29, y + 4.5, label, { class: tone === 'holdfast' ? 'strong' : undefined })
      x += 29 + widthOf(label) + 24
      return key + words
    })
    .join('\n')
}

/** The name of each line at its end, in its colour, no two on each other. */
function ends(
  series: readonly Series[],
  x: (value: number) => number,
  y: (value: number) => number,
  { top, bottom, right, xEnd, yTo }: { top: number; bottom: number; right: number; xEnd: number; yTo: number },
): string {
  const last = series.map(({ points }) => points.filter(([at]) => at <= xEnd).at(-1) ?? ([0, 0] as const))
  const heights = apart(
    last.map(([, value]) => y(Math.min(value, yTo))),
    APART,
    top,
    bottom,
  )
  return series
    .map(({ label, tone, dashed }, i) => {
      const [at, value] = last[i] ?? [0, 0]
      const height = heights[i] ?? 0
      const end = y(Math.min(value, yTo))
      return [
        dashed ? '' : element('circle', { cx: x(at), cy: end, r: tone === 'holdfast' ? 4 : 3, fill: paint(tone) }),
        Math.abs(height - end) > 3 ? line(x(at), end, right + 8, height, { stroke: paint(tone), opacity: '0.5' }) : '',
        text(right + 11, height + 4.5, label, {
          style: `fill:${paint(tone)}`,
          class: tone === 'holdfast' ? 'strong' : undefined,
        }),
      ].join('')
    })
    .join('\n')
}

function drawBudget(
  { value, says }: { readonly value: number; readonly says: string },
  y: (value: number) => number,
  left: number,
  right: number,
): string {
  return [
    line(left, y(value), right, y(value), {
      stroke: paint('budget'),
      'stroke-width': '1.5',
      'stroke-dasharray': '5 4',
    }),
    text(right - 6, y(value) - 6, says, { class: 'budget small clear', 'text-anchor': 'end' }),
  ].join('\n')
}

function drawMoment(
  { x: at, says }: { readonly x: number; readonly says: string },
  x: (value: number) => number,
  top: number,
  bottom: number,
  right: number,
): string {
  const fits = x(at) + 6 + widthOf(says, 12) < right
  return [
    line(x(at), top - 4, x(at), bottom, { stroke: paint('quiet'), 'stroke-dasharray': '2 3' }),
    text(x(at) + (fits ? 6 : -6), top + 6, says, {
      class: 'quiet small clear',
      'text-anchor': fits ? undefined : 'end',
    }),
  ].join('\n')
}
