/** A colour on a light page and on a dark one. */
interface Colour {
  readonly light: string
  readonly dark: string
}

/**
 * What a mark stands for. Each library has its own everywhere, so that a reader learns the colours once. They differ in
 * lightness too, and every chart names its marks beside them: nobody has to tell them apart by hue.
 */
export const TONES = {
  holdfast: { light: '#1f5fd6', dark: '#6ea8ff' },
  'reconnecting-websocket': { light: '#b8480b', dark: '#ff9d5c' },
  partysocket: { light: '#8a2f8f', dark: '#e39be6' },
  'websocket-ts': { light: '#0b7a6b', dark: '#5bd0bd' },
  'socket-io': { light: '#8c5a00', dark: '#e3b341' },
  /** What the others are compared with. */
  reference: { light: '#6e7781', dark: '#8b949e' },
} as const satisfies Readonly<Record<string, Colour>>

export type Tone = keyof typeof TONES

/** What is no mark: the card, the words and the lines. */
export const SURFACES = {
  card: { light: '#ffffff', dark: '#0d1117' },
  border: { light: '#d1d9e0', dark: '#30363d' },
  grid: { light: '#e6eaef', dark: '#21262d' },
  ink: { light: '#1f2328', dark: '#f0f6fc' },
  quiet: { light: '#59636e', dark: '#9198a1' },
  budget: { light: '#c11f31', dark: '#ff7b72' },
} as const satisfies Readonly<Record<string, Colour>>

const COLOURS: Readonly<Record<string, Colour>> = { ...SURFACES, ...TONES }

const variables = (theme: keyof Colour): string =>
  Object.entries(COLOURS)
    .map(([name, colour]) => `--${name}:${colour[theme]}`)
    .join(';')

/** The reader's theme decides; an image in a page cannot see the page's own switch. The card comes along, so it is readable either way. */
export const STYLE = [
  `svg{${variables('light')};color-scheme:light dark}`,
  `@media(prefers-color-scheme:dark){svg{${variables('dark')}}}`,
  'text{font-family:-apple-system,BlinkMacSystemFont,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif;font-size:13px;fill:var(--ink)}',
  '.title{font-size:19px;font-weight:600}',
  '.quiet{fill:var(--quiet)}',
  '.small{font-size:12px}',
  '.strong{font-weight:600}',
  '.budget{fill:var(--budget)}',
  // Words on a line are read before the line is.
  '.clear{paint-order:stroke;stroke:var(--card);stroke-width:5px;stroke-linejoin:round}',
].join('')

/** How a mark of this tone is painted. */
export const paint = (tone: Tone | keyof typeof SURFACES): string => `var(--${tone})`
