/**
 * Random walks of the machine: plausible lives of a socket and hostile ones, made of nothing but a list of numbers.
 *
 * A number in [0, 1) decides one step: what happens, when, what chance says and what the policies answer; the first one
 * decides the rules. The same numbers make the same walk, fewer make a shorter one, and smaller ones a simpler one. So a
 * property-testing library can shrink a walk that breaks a law, and a seed is enough to repeat one.
 */
import { deadline } from '../core/deadline.ts'
import type { Effect } from '../core/effect.ts'
import type { Instant, MachineEvent } from '../core/event.ts'
import type { Answer, Rules } from '../core/rules.ts'
import { initialState, type MachineState } from '../core/state.ts'
import { transition } from '../core/transition.ts'
import {
  ANSWERS,
  CODES,
  DELAYS_MS,
  JUMPS_MS,
  type Menu,
  ORIGINS,
  PACES_MS,
  REASONS,
  SIGNALS,
  weighted,
} from './menus.ts'
import { mulberry32 } from './seeded.ts'

/** One step as it was taken. It holds what `replay` needs of a record. */
export interface WalkStep extends Instant {
  readonly before: MachineState
  readonly event: MachineEvent
  readonly state: MachineState
  readonly effects: readonly Effect[]
  /** What the policies answered, in order of asking; `null` where one abstained. */
  readonly answers: readonly (Answer | number | null)[]
}

/** A walk from a socket that was not started. */
export interface Walk {
  readonly rules: Rules
  readonly initial: MachineState
  readonly steps: readonly WalkStep[]
}

/** Draws a whole number below `sides` from what is left of a choice. */
type Dice = (sides: number) => number

/** What happens, seen from the state it happens to. */
type Happening = (state: MachineState, wall: number, dice: Dice) => MachineEvent

/**
 * As many choices as asked for; the same ones for the same seed.
 *
 * @param seed - A whole number of 32 bits.
 */
export function seededChoices(seed: number, count: number): readonly number[] {
  const next = mulberry32(seed)
  // A step draws more from a choice than 32 bits hold.
  return Array.from({ length: count }, () => next() + Math.floor(next() * 2 ** 20) / 2 ** 52)
}

/**
 * Walks as the choices say.
 *
 * @param choices - Numbers in [0, 1): one for the rules, then one per step.
 * @param fixed - Rules that are not left to the choices. A policy among them is asked instead of chance.
 */
export function randomWalk(choices: readonly number[], fixed: Partial<Rules> = {}): Walk {
  const [first = 0, ...others] = choices
  const temper = diceOf(first)
  const rules: Rules = { ...rulesBy(temper), ...fixed }
  // A life in which everything happens at once, and nobody wants to wait: this is what the dial guard is for.
  const hasty = temper(3) === 2
  const initial = initialState(rules.credentials ? 'missing' : 'held')
  let state = initial
  let now = 0
  let offset = EPOCH_MS

  const steps = others.map((choice): WalkStep => {
    const dice = diceOf(choice)
    const before = state
    const happening = pick(dice, HAPPENINGS)
    const due = deadline(before)
    const when = happening === expected && !before.dial && !before.renewal ? 'due' : pick(dice, WHEN)
    const pace = (pick(dice, PACES_MS) * (1 + dice(16))) / 16
    now = inSteps(hasty && due > now + HASTE_MS ? now + pace / 64 : instantOf(when, now, due, pace))
    offset += pick(dice, JUMPS_MS)
    const at: Instant = { now, wall: now + offset, roll: dice(1_024) / 1_024 }
    const answer = pick(dice, ANSWERS)
    const delayMs = Math.min(pick(dice, DELAYS_MS), hasty ? HASTE_MS : Infinity)
    const { decide, backoff } = { decide: () => answer, backoff: () => delayMs, ...fixed }
    const answers: (Answer | number | null)[] = []
    const noting: Rules = {
      ...rules,
      decide(ending) {
        const given = decide(ending)
        answers.push(given ?? null)
        return given
      },
      backoff(question) {
        const given = backoff(question)
        answers.push(given)
        return given
      },
    }
    const event = happening(before, at.wall, dice)
    const [after, effects] = transition(noting, before, event, at)
    state = after
    return { ...at, before, event, state: after, effects, answers }
  })
  return { rules, initial, steps }
}

/** Takes a choice apart: each draw uses up the part of it that decided. */
function diceOf(choice: number): Dice {
  let rest = choice
  return sides => {
    const scaled = rest * sides
    const side = Math.floor(scaled)
    rest = scaled - side
    return side
  }
}

function pick<T>(dice: Dice, menu: Menu<T>): T {
  return menu[dice(menu.length)] ?? menu[0]
}

function rulesBy(dice: Dice): Rules {
  const names = ['websocket', 'sse', 'polling']
  return {
    transports: names.slice(0, 1 + dice(names.length)),
    authorizes: dice(3) === 1,
    credentials: dice(2) === 1,
    overlaps: dice(2) === 1,
    rotates: dice(2) === 1,
    maxAgeMs: pick(dice, [Infinity, Infinity, 60_000, 1_000]),
    maxAttempts: pick(dice, [Infinity, Infinity, Infinity, 8, 3, 1, 0]),
    stableMs: pick(dice, [10_000, 10_000, 10_000, 60_000, 1, 0, Infinity]),
    connectTimeoutMs: pick(dice, [10_000, 10_000, Infinity, 120_000, 1]),
    decide: () => undefined,
    backoff: () => 0,
  }
}

// All instants are multiples of 1/1024 ms, which sum without rounding for longer than any walk.
const EPOCH_MS = 1.7e12

/** At that instant, or a little later: fractions of lives and ages are no such multiples. */
function inSteps(instant: number): number {
  return Math.ceil(instant * 1_024) / 1_024
}

const HASTE_MS = 500

/** Soon: any time. Due, early, late: as seen from the deadline of the state, as timers are. */
const WHEN: Menu<'soon' | 'due' | 'early' | 'late'> = ['soon', 'soon', 'soon', 'soon', 'due', 'due', 'early', 'late']

function instantOf(when: (typeof WHEN)[number], now: number, due: number, pace: number): number {
  if (when === 'soon' || due === Infinity) return now + pace
  return Math.max(now, when === 'due' ? due : when === 'early' ? due - pace : due + pace)
}

function endedBy(number: number, dice: Dice): MachineEvent {
  const origin = pick(dice, ORIGINS)
  const event = {
    type: 'ended',
    number,
    code: pick(dice, CODES),
    reason: pick(dice, REASONS),
    wasClean: !dice(2),
  } as const
  return origin ? { ...event, origin } : event
}

/** The provider answered with what was refused before. */
function refusedAgain(number: number): MachineEvent {
  return { type: 'ended', number, code: 1006, reason: '', wasClean: false, origin: 'provider', refused: true }
}

/** When a credential expires: hours from now, at this very moment, long ago. */
function expiryBy(wall: number, dice: Dice): number | null {
  const inMs = pick(dice, [3_600_000, 3_600_000, 3_600_000, null, null, 15_000, 1, 0, -1, -86_400_000])
  return inMs === null ? null : wall + inMs
}

/** A report that the connection in that phase could make; or one that it could not, when `phase` is out of place. */
function reportBy(phase: number, number: number, wall: number, dice: Dice): MachineEvent {
  if (phase === 0) {
    const way = dice(8)
    if (way === 7) return refusedAgain(number)
    // No credential had to be fetched, or so it says.
    if (way === 6) return { type: 'authorized', number }
    return { type: 'authorized', number, expiresAt: expiryBy(wall, dice), ...(way === 5 && { same: true }) }
  }
  if (phase === 1) return { type: 'connected', number }
  return phase === 2 ? { type: 'ready', number } : endedBy(number, dice)
}

/** The next thing in the life of a socket that is well, mostly. */
const expected: Happening = (state, wall, dice) => {
  const { intent, serving, dial, wait, renewal, connections, cause } = state
  const live = serving ?? dial
  if (intent === 'closed') return { type: connections || cause ? 'reconnect' : 'start' }
  if (intent === 'closing' && live) return endedBy(live.number, dice)
  if (wait && wait.until === null) return { type: 'signal', signal: wait.by === 'frozen' ? 'resumed' : 'visible' }
  if (renewal) return fetched(state, wall, dice)
  if (!dial) return tick(state, wall, dice)
  const phase = ['authorizing', 'connecting', 'greeting'].indexOf(dial.phase)
  return reportBy(dice(4) === 3 ? 3 : phase, dial.number, wall, dice)
}

/** A tick; with the traffic of a connection that waits for a quiet moment: silence, bytes that wait, or a message. */
const tick: Happening = ({ serving }, _, dice) => {
  if (!serving?.rotation) return { type: 'tick' }
  const last = Math.max(0, serving.rotation.traffic)
  return { type: 'tick', traffic: pick(dice, [last, -1, last + 1]) }
}

/** The connection that serves ends; without one, the one on its way up. */
const loss: Happening = ({ serving, dial }, _, dice) => {
  const live = serving ?? dial
  return live ? endedBy(live.number, dice) : { type: 'tick' }
}

/** What becomes of a credential that is fetched while no dial waits for it. */
const fetched: Happening = (_, wall, dice) => {
  const way = dice(8)
  if (way === 7) return { type: 'signed-out' }
  if (way > 4) return { type: 'not-renewed' }
  const how = { ...(way === 4 && { changed: true }), ...(way === 3 && { same: true }) }
  return { type: 'renewed', expiresAt: expiryBy(wall, dice), ...how }
}

/** Any report, in place or not, from a connection that is current, gone, or still to come. */
const stray: Happening = ({ serving, dial, connections }, wall, dice) => {
  const number = pick(dice, [dice(connections + 3), dial?.number, serving?.number]) ?? connections
  return reportBy(dice(4), number, wall, dice)
}

const signal: Happening = (_, __, dice) => ({ type: 'signal', signal: pick(dice, SIGNALS) })

const handover: Happening = (_, __, dice) => ({ type: 'handover', purpose: dice(2) ? 'promote' : 'replace' })

const close: Happening = (_, __, dice) =>
  dice(2) ? { type: 'close', code: pick(dice, [1000, 4000]), reason: 'enough' } : { type: 'close' }

/** The constructor runs once; on a machine that was started, `start` must do nothing. */
const start: Happening = ({ intent, connections, cause }) => ({
  type: intent === 'closed' && (connections || cause) ? 'reconnect' : 'start',
})

const HAPPENINGS: Menu<Happening> = weighted(
  [20, expected],
  [4, tick],
  [2, loss],
  [4, stray],
  [4, signal],
  [3, handover],
  [2, fetched],
  [1, () => ({ type: 'renew' })],
  [2, () => ({ type: 'retry-now' })],
  [1, () => ({ type: 'reconnect' })],
  [1, close],
  [1, start],
)
