const NARROW = new Set("iljtfrI.,:;'|!()[] ·")
const WIDE = new Set('mwMW@%—')

/** About how wide a text is, in px: a sans-serif of unknown make, so rather too wide than too narrow. */
export function widthOf(text: string, size = 13): number {
  let ems = 0
  for (const letter of text)
    ems += NARROW.has(letter) ? 0.36 : WIDE.has(letter) ? 0.92 : /[A-Z]/.test(letter) ? 0.72 : 0.6
  return ems * size
}

/** The same in semi-bold. */
export const strongWidthOf = (text: string, size = 13): number => 1.15 * widthOf(text, size)

/** Lines that are no wider than that, broken at spaces. */
export function wrap(text: string, width: number, size = 13): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line ? `${line} ${word}` : word
    if (line && widthOf(longer, size) > width) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return line ? [...lines, line] : lines
}
