type Attributes = Readonly<Record<string, string | number | undefined>>

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

const escaped = (text: string): string => text.replace(/[&<>"]/g, letter => ENTITIES[letter] ?? letter)

/** Tenths of a px are more than an eye sees, and every digit is in the repository. */
const value = (given: string | number): string =>
  typeof given === 'number' ? `${Number(given.toFixed(1))}` : escaped(given)

/** An element; `inside` is markup. */
export function element(name: string, attributes: Attributes, inside = ''): string {
  const given = Object.entries(attributes)
    .filter((entry): entry is [string, string | number] => entry[1] !== undefined)
    .map(([key, each]) => ` ${key}="${value(each)}"`)
    .join('')
  return inside ? `<${name}${given}>${inside}</${name}>` : `<${name}${given}/>`
}

/** Words; they are escaped. */
export const text = (x: number, y: number, words: string, attributes: Attributes = {}): string =>
  element('text', { x, y, ...attributes }, escaped(words))

export const line = (x1: number, y1: number, x2: number, y2: number, attributes: Attributes): string =>
  element('line', { x1, y1, x2, y2, ...attributes })

/** A title or description, which a screen reader says. */
export const said = (name: 'title' | 'desc', id: string, words: string): string => element(name, { id }, escaped(words))
