import { paint, STYLE } from './palette.ts'
import { element, said, text } from './svg.ts'
import { widthOf, wrap } from './text.ts'

/** px; what GitHub has room for, so that nothing is scaled. */
export const WIDTH = 880
export const MARGIN = 28

/** What every chart says of itself. */
export interface Heading {
  /** What it shows, in a line of at most about 80 letters. */
  readonly title: string
  /** What was measured, in which unit, and which way is better. */
  readonly subtitle: string
  /** Where the numbers come from: the command, the machine, the day. */
  readonly source: string
}

/** A picture and the words that stand for it: a file of `plots/`. */
export interface Chart {
  /** Of the file, without its ending. */
  readonly name: string
  /** What stands for it in a page; its numbers in words are in the picture itself. */
  readonly alt: string
  readonly svg: string
}

const TITLE_Y = MARGIN + 16
const LINE = 18

/** The lines under the title, and where the drawing may begin. */
function under(subtitle: string): { readonly lines: readonly string[]; readonly top: number } {
  const lines = wrap(subtitle, WIDTH - 2 * MARGIN)
  return { lines, top: TITLE_Y + 8 + lines.length * LINE }
}

export const topOf = ({ subtitle }: Heading): number => under(subtitle).top

/** A card with the heading, the drawing of that height under it, and the source at the foot. `description` is every number in words. */
export function card(heading: Heading, description: string, height: number, drawing: string): string {
  const { title, subtitle, source } = heading
  const { lines, top } = under(subtitle)
  const feet = wrap(source, WIDTH - 2 * MARGIN, 12)
  const foot = top + height + LINE + 4
  const bottom = foot + (feet.length - 1) * 16 + MARGIN - 8
  if (widthOf(title, 19) > WIDTH - 2 * MARGIN) throw new Error(`The title "${title}" is too long for its chart.`)
  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width: WIDTH,
      height: bottom,
      viewBox: `0 0 ${WIDTH} ${bottom}`,
      role: 'img',
      'aria-labelledby': 'title desc',
    },
    [
      '',
      said('title', 'title', title),
      said('desc', 'desc', `${subtitle} ${description}`),
      `<style>${STYLE}</style>`,
      element('rect', {
        x: 0.5,
        y: 0.5,
        width: WIDTH - 1,
        height: bottom - 1,
        rx: 8,
        fill: paint('card'),
        stroke: paint('border'),
      }),
      text(MARGIN, TITLE_Y, title, { class: 'title' }),
      ...lines.map((words, i) => text(MARGIN, TITLE_Y + 6 + (i + 1) * LINE, words, { class: 'quiet' })),
      drawing,
      ...feet.map((words, i) => text(MARGIN, foot + i * 16, words, { class: 'quiet small' })),
      '',
    ].join('\n'),
  )}\n`
}
