import { shown } from '../table.ts'
import { type Outcome, RESTARTS, type Restart } from './scenario.ts'

/** A bound that every restart of its kind must keep. */
export interface Promised {
  readonly what: string
  readonly of: keyof Outcome
  readonly limit: number
  readonly digits: number
  /** For which restarts it is made. */
  covers(restart: Restart): boolean
}

const waits = ({ overflow }: Restart): boolean => overflow === 'queued'
const twentieth = (restart: Restart): boolean => restart.capacity === 1 / 20 && !waits(restart)
const hundredth = (restart: Restart): boolean => restart.capacity === 1 / 100 && !waits(restart)
const brief = ({ outageMs }: Restart): boolean => outageMs < 1_000

/** "It cannot storm": what N clients do after a restart. */
export const PROMISES: readonly Promised[] = [
  { what: 'dials in any second, of N', of: 'peakSecond', limit: 0.4, digits: 3, covers: () => true },
  { what: 'dials in any 100 ms, of N', of: 'peakTenth', limit: 0.05, digits: 4, covers: () => true },
  { what: 'capacity N/20, 99 % back, of the bound', of: 'most', limit: 1.35, digits: 2, covers: twentieth },
  { what: 'capacity N/20, all back, of the bound', of: 'all', limit: 1.6, digits: 2, covers: twentieth },
  {
    what: 'capacity N/20, outage of 0.5 s, wasted dials per client',
    of: 'wasted',
    limit: 1.4,
    digits: 2,
    covers: restart => twentieth(restart) && brief(restart),
  },
  {
    what: 'capacity N/20, longer outages, wasted dials per client',
    of: 'wasted',
    limit: 0.7,
    digits: 2,
    covers: restart => twentieth(restart) && !brief(restart),
  },
  { what: 'capacity N/100, 99 % back, of the bound', of: 'most', limit: 1.1, digits: 2, covers: hundredth },
  { what: 'capacity N/100, wasted dials per client', of: 'wasted', limit: 7, digits: 2, covers: hundredth },
  { what: 'endless queue, 99 % back, of the bound', of: 'most', limit: 1.7, digits: 2, covers: waits },
]

/** Whether it is kept, to the digits that are shown. */
export const keeps = ({ limit, digits }: Promised, measured: number): boolean =>
  Number(measured.toFixed(digits)) <= limit

const CODE_NAMES = { 1006: '1006 or 1012', 1013: '1013' } as const
const OVERFLOW_NAMES = { refused: 'refused', '1013': 'closed with 1013', queued: 'endless queue' } as const

export const outageOf = ({ outageMs }: Restart): string => `${outageMs / 1_000} s`
export const codeOf = ({ code }: Restart): string => (code === 1013 ? CODE_NAMES[1013] : CODE_NAMES[1006])
export const capacityOf = ({ capacity }: Restart): string => `N/${Math.round(1 / capacity)}`
export const overflowOf = ({ overflow }: Restart): string => OVERFLOW_NAMES[overflow]

/** In the results and in words. */
export const nameOf = (restart: Restart): string =>
  `${codeOf(restart)}, ${outageOf(restart)}, ${capacityOf(restart)}, ${overflowOf(restart)}`

export const measuredAs = (value: number, digits: number): string => (value < Infinity ? shown(value, digits) : 'never')

/** What a promise says, whether it was kept by every restart that it covers, and which ones missed it. */
export function judged(promised: Promised, worst: readonly Outcome[]): string {
  const { what, of, limit, digits, covers } = promised
  const covered = RESTARTS.flatMap((restart, i) => {
    const measured = worst[i]?.[of]
    return covers(restart) && measured !== undefined ? [{ restart, measured }] : []
  })
  const missed = covered.filter(({ measured }) => !keeps(promised, measured))
  const most = (all: typeof covered): string => measuredAs(Math.max(...all.map(({ measured }) => measured)), digits)
  const head = `Budget, ${what}: at most ${limit}. Measured: ${most(covered)}. **${missed.length ? 'Missed' : 'Kept'}.**`
  if (!missed.length) return head
  const kept = covered.filter(each => !missed.includes(each))
  const list = missed.map(({ restart, measured }) => `${nameOf(restart)} (${measuredAs(measured, digits)})`)
  const rest = kept.length ? ` Kept by the other ${kept.length} of ${covered.length}, at most ${most(kept)}.` : ''
  return `${head} By ${list.join('; ')}.${rest}`
}
