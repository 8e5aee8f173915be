import { describe, expect, it } from 'vitest'
import { barChart } from '../../bench/charts/bars.ts'
import { apart, lineChart, type Point, thinned } from '../../bench/charts/lines.ts'
import { STYLE, SURFACES, TONES } from '../../bench/charts/palette.ts'
import { scaleOf, tickText } from '../../bench/charts/scale.ts'
import { widthOf, wrap } from '../../bench/charts/text.ts'

const heading = { name: 'chart', title: 'A chart', subtitle: 'What it shows.', source: 'a run' }

/** Every value of an attribute, in order. */
const all = (svg: string, pattern: RegExp): string[] => [...svg.matchAll(pattern)].map(match => match[1] ?? '')
const widths = (svg: string): number[] => all(svg, /width="([\d.]+)" height="18"/g).map(Number)

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map(at => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** [WCAG 2.2 §1.4.3] */
function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

describe('the colours of the charts', () => {
  it.each(['light', 'dark'] as const)('can be told from a %s card', theme => {
    const { card, ink, quiet, budget } = SURFACES
    for (const words of [ink, quiet, budget]) expect(contrast(words[theme], card[theme])).toBeGreaterThan(4.5)
    // Their names are written in them, at the ends of lines.
    for (const tone of Object.values(TONES)) expect(contrast(tone[theme], card[theme])).toBeGreaterThan(4.5)
  })

  it('follow the theme of the reader, with the card', () => {
    expect(STYLE).toContain(`--card:${SURFACES.card.light}`)
    expect(STYLE.split('prefers-color-scheme:dark')[1]).toContain(`--card:${SURFACES.card.dark}`)
  })
})

describe('an axis', () => {
  it.each([
    [0, 353, [0, 100, 200, 300, 400]],
    [-52, 400, [-100, 0, 100, 200, 300, 400]],
    [0, 0.31, [0, 0.1, 0.2, 0.3, 0.4]],
    [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  ])('from %d to %d has round numbers, and 0', (least, most, ticks) => {
    expect(scaleOf(least, most).ticks).toEqual(ticks)
  })

  it('writes as many digits as its steps need', () => {
    expect(tickText(0, scaleOf(0, 1.25))).toBe('0.00')
    expect(tickText(20_000, scaleOf(0, 19_378))).toBe('20,000')
  })
})

describe('a bar chart', () => {
  const bars = [
    { label: 'Holdfast', tone: 'holdfast' as const, value: 50, says: '50 ns' },
    { label: 'other <1>', tone: 'partysocket' as const, value: 100, spread: [80, 100] as const, says: '100 ns' },
  ]

  it('draws each bar as long as its value', () => {
    const [ours = 0, theirs = 0] = widths(barChart({ ...heading, unit: 'ns', groups: [{ bars }] }).svg)
    expect(theirs / ours).toBeCloseTo(2, 2)
  })

  it('says every number in words, and escapes what it is given', () => {
    const { svg } = barChart({ ...heading, unit: 'ns', groups: [{ title: 'in Node', bars }] })
    expect(svg).toContain('<title id="title">A chart</title>')
    expect(svg).toContain('in Node; Holdfast: 50 ns; other &lt;1&gt;: 100 ns.</desc>')
    expect(svg).not.toContain('<1>')
  })

  it('draws what has no end to the end of the axis, hatched', () => {
    const endless = { label: 'endless', tone: 'websocket-ts' as const, value: Infinity, says: 'not within 60 s' }
    const { svg } = barChart({ ...heading, unit: 's', to: 60, groups: [{ bars: [...bars, endless] }] })
    expect(svg).toContain('fill="url(#beyond-websocket-ts)"')
    expect(Math.max(...widths(svg))).toBe(widths(svg)[2])
    expect(svg).not.toMatch(/NaN|Infinity/)
  })

  it('draws a bar below 0 to the left of it', () => {
    const below = { label: 'less', tone: 'reference' as const, value: -50, says: '-50 ns' }
    const { svg } = barChart({ ...heading, unit: 'ns', groups: [{ bars: [...bars, below] }] })
    const starts = all(svg, /<rect x="([\d.]+)" y="[\d.]+" width="[\d.]+" height="18"/g).map(Number)
    expect(starts[2]).toBeLessThan(starts[0] ?? 0)
  })

  it('draws a budget where its value is', () => {
    const { svg } = barChart({
      ...heading,
      unit: 'ns',
      groups: [{ bars, budget: { value: 50, says: 'at most 50' } }],
    })
    const [x = '', start = '', width = ''] =
      /<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="18"/.exec(svg) ?? []
    const budget = /<line x1="([\d.]+)"[^>]*stroke="var\(--budget\)"/.exec(svg)?.[1]
    expect(x).toBeTruthy()
    expect(Number(budget)).toBeCloseTo(Number(start) + Number(width), 0)
  })
})

describe('a line chart', () => {
  const line = (count: number, value: (at: number) => number): Point[] =>
    Array.from({ length: count }, (_, at) => [at, value(at)])

  it('keeps a spike between thousands of points', () => {
    const points = line(10_000, at => (at === 5_003 ? 900 : 1))
    const kept = thinned(points, at => at / 20)
    expect(kept.length).toBeLessThan(2_100)
    expect(kept).toContainEqual([5_003, 900])
    expect(kept.at(-1)).toEqual([9_999, 1])
  })

  it('moves names at the ends of lines apart, in the order of the lines, and into the chart', () => {
    expect(apart([100, 101, 102], 17, 0, 300)).toEqual([100, 117, 134])
    expect(apart([299, 50, 300], 17, 0, 300)).toEqual([283, 50, 300])
  })

  it('names each line in the legend and at its end, and says what it is told to say', () => {
    const { svg } = lineChart({
      ...heading,
      xUnit: 's',
      yUnit: '% connected',
      description: 'All are back after 60 s.',
      budget: { value: 40, says: 'budget' },
      moments: [{ x: 5, says: 'the server is back' }],
      series: [
        { label: 'one of them', tone: 'holdfast', points: line(61, at => at) },
        { label: 'another', tone: 'partysocket', points: line(61, at => at / 2), dashed: true },
      ],
    })
    expect(all(svg, />(one of them|another)<\/text>/g)).toHaveLength(4)
    expect(svg).toContain('All are back after 60 s.</desc>')
    expect(svg).not.toContain('NaN')
  })
})

describe('words in a chart', () => {
  it('are broken between words so that no line is too wide', () => {
    const lines = wrap('the quick brown fox jumps over the lazy dog', 100)
    expect(lines.length).toBeGreaterThan(1)
    for (const each of lines) expect(widthOf(each)).toBeLessThanOrEqual(100)
    expect(lines.join(' ')).toBe('the quick brown fox jumps over the lazy dog')
  })

  it('are refused as a title when they do not fit on a line', () => {
    const title = 'a title '.repeat(20)
    expect(() => barChart({ ...heading, title, unit: '', groups: [{ bars: [] }] })).toThrow('too long')
  })
})
