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
import type { LifeRule, Rules } from '../core/rules.ts'
import { initialState, type MachineState } from '../core/state.ts'
import type { Answered } from '../core/trace.ts'
import { transition } from '../core/transition.ts'
import { type Dice, diceOf, expected, HAPPENINGS, pick } from './happenings.ts'
import { ANSWERS, BEATS, DELAYS_MS, JUMPS_MS, type Menu, PACES_MS } from './menus.ts'
import { mulberry32 } from './seeded.ts'

/** One step as it was taken. It holds what `replay` needs of a record. */
export interface WalkStep extends Instant {
  readonly before: MachineState
  readonly event: MachineEvent
  readonly state: MachineState
  readonly effects: readonly Effect[]
  /** What the policies answered, in order of asking; `null` where one abstained. */
  readonly answers: readonly Answered[]
}

/** A walk from a socket that was not started. */
export interface Walk {
  readonly rules: Rules
  readonly initial: MachineState
  readonly steps: readonly WalkStep[]
}

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
    const at: Instant = { now, wall: now + offset, roll: dice(256) / 256 }
    const answer = pick(dice, ANSWERS)
    const delayMs = Math.min(pick(dice, DELAYS_MS), hasty ? HASTE_MS : Infinity)
    const { decide, backoff } = { decide: () => answer, backoff: () => delayMs, ...fixed }
    const beat = pick(dice, BEATS)
    const life = rules.life && { judge: () => beat, ...fixed.life, pings: rules.life.pings }
    const answers: Answered[] = []
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
      life: life && {
        ...life,
        judge(pulse) {
          const given = life.judge(pulse)
          answers.push(given)
          return given
        },
      },
    }
    const event = happening(before, at.wall, dice)
    const [after, effects] = transition(noting, before, event, at)
    state = after
    return { ...at, before, event, state: after, effects, answers }
  })
  return { rules, initial, steps }
}

// What they say is drawn step by step.
const LISTENING: LifeRule = { pings: false, judge: () => ({ type: 'wait', ms: null }) }
const ASKING: LifeRule = { ...LISTENING, pings: true }

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
    life: pick(dice, [null, LISTENING, ASKING]),
    presumes: dice(2) === 1,
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
