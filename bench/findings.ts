/** Samples by subject, each list in the order of the rounds: so two subjects can be compared round by round. `Infinity`: longer than was waited for. */
export type Samples = Readonly<Record<string, readonly number[]>>

/** What a section found, in plain numbers: its tables and charts are drawn from nothing else, now or later. */
export interface Findings {
  /** What else a reader must know: how many sockets, which version of a browser. */
  readonly facts: Readonly<Record<string, string>>
  /** By what was measured, then by subject. */
  readonly samples: Readonly<Record<string, Samples>>
  /** When, where, and how, if it was measured apart from the others. */
  readonly run?: Readonly<Record<string, string>>
}

/** JSON has no Infinity. */
export const packed = (samples: Samples): Readonly<Record<string, readonly (number | null)[]>> =>
  mapped(samples, values => values.map(value => (value === Infinity ? null : Number(value.toPrecision(4)))))

function mapped<From, To>(from: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(from).map(([key, value]) => [key, change(value)]))
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function entries(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw new Error(`Expected an object at ${where}.`)
  return value
}

function numbers(value: unknown): readonly number[] {
  if (!Array.isArray(value)) throw new Error('Expected a list of numbers.')
  return value.map((each: unknown) => {
    if (each === null) return Infinity
    if (typeof each !== 'number') throw new Error(`Expected a number, got ${JSON.stringify(each)}.`)
    return each
  })
}

/** Everything that one run found. */
export interface Results {
  /** When, where, and how. */
  readonly run: Readonly<Record<string, string>>
  readonly sections: Readonly<Record<string, Findings>>
}

const words = (value: unknown, where: string): Record<string, string> => mapped(entries(value, where), String)

/** One line per list of samples, so that a difference between two runs can be read. */
export function write({ run, sections }: Results): string {
  const content = {
    run,
    sections: mapped(sections, ({ facts, samples, run: apart }) => ({
      ...(apart && { run: apart }),
      facts,
      samples: mapped(samples, packed),
    })),
  }
  return `${JSON.stringify(content, null, 2).replace(/\[[^[\]{}"]*\]/g, list => list.replace(/\s+/g, ' '))}\n`
}

/** @throws Error for what `write` has not written. */
export function read(text: string): Results {
  const { run, sections } = entries(JSON.parse(text), 'the top')
  return {
    run: words(run, '`run`'),
    sections: mapped(entries(sections, '`sections`'), section => {
      const { facts, samples, run: apart } = entries(section, 'a section')
      return {
        ...(apart !== undefined && { run: words(apart, '`run` of a section') }),
        facts: words(facts, '`facts`'),
        samples: mapped(entries(samples, '`samples`'), each => mapped(entries(each, 'samples'), numbers)),
      }
    }),
  }
}

/** Sections that were measured apart take the place of what was stored of them, and say by themselves when that was; the others stay. */
export function merged(stored: Results, { run, sections }: Results): Results {
  return { run: stored.run, sections: { ...stored.sections, ...mapped(sections, each => ({ ...each, run })) } }
}
