/** The round numbers of an axis, from the first to the last. */
export interface Scale {
  readonly from: number
  readonly to: number
  readonly ticks: readonly number[]
}

const STEPS = [1, 2, 2.5, 5, 10]

/** An axis with 0 on it, that reaches from a round number below to one above in about so many steps. */
export function scaleOf(least: number, most: number, about = 5): Scale {
  const low = Math.min(0, least)
  // Where everything is 0 there is an axis too.
  const high = Math.max(0, most) || (low ? 0 : 1)
  const rough = (high - low) / about
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * (STEPS.find(each => each * power >= rough * 0.999) ?? 10)
  const first = Math.floor(low / step + 1e-9)
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9))
  // From whole numbers, so that no tick reads 0.30000000000000004.
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
  return { from: ticks[0] ?? 0, to: ticks.at(-1) ?? 1, ticks }
}

/** Where a value lies between two pixels. */
export const place =
  ({ from, to }: Scale, start: number, end: number) =>
  (value: number): number =>
    start + ((value - from) / (to - from)) * (end - start)

/** A number for readers: as many digits after the point as the steps of its axis need, thousands apart. */
export function tickText(value: number, { ticks }: Scale): string {
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0)
  const digits = [0, 1, 2, 3].find(each => Math.abs(step - Number(step.toFixed(each))) < step / 1e6) ?? 4
  return (value + 0).toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
