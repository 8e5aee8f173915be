/** Laws as fast-check properties: every walk, every step of every walk. */
import fc from 'fast-check'
import { expect, vi } from 'vitest'
import type { Effect } from '../../src/core/effect.ts'
import { HIDDEN_PAUSE_MS } from '../../src/core/limits.ts'
import type { Answer, Beat, Rules } from '../../src/core/rules.ts'
import { type Dial, type MachineState, type Serving, stateOf } from '../../src/core/state.ts'
import { isBeat } from '../../src/core/trace.ts'
import { randomWalk, type Walk, type WalkStep } from '../../src/testing/random-walk.ts'

const MULTIPLIER = Number(process.env.HOLDFAST_STEPS ?? 1)
const RUNS = 90
const LONGEST = 400

vi.setConfig({ testTimeout: 10_000 * Math.max(1, MULTIPLIER) })

/**
 * Holds for every walk. A failure prints the shortest walk found, a `seed` and a `path`;
 * `HOLDFAST_SEED=… HOLDFAST_PATH=… npx vitest run test/core -t "<name of the test>"` shows it again.
 * `HOLDFAST_STEPS=20` walks twenty times as many steps; `HOLDFAST_SHRINK=0` is content with the first walk that fails.
 */
export function everyWalk(holds: (walk: Walk) => boolean, fixed: Partial<Rules> = {}): void {
  everyChoices(choices => holds(randomWalk(choices, fixed)), fixed)
}

/** Holds for every step of every walk. */
export function everyStep(holds: (step: WalkStep, walk: Walk) => boolean, fixed?: Partial<Rules>): void {
  everyWalk(walk => walk.steps.every(step => holds(step, walk)), fixed)
}

/** Holds for the choices of every walk; `fixed` is for printing one that does not. */
export function everyChoices(holds: (choices: readonly number[]) => boolean, fixed: Partial<Rules> = {}): void {
  const choice = fc.integer({ min: 0, max: 2 ** 52 - 1 }).map(n => n / 2 ** 52)
  const choices = fc.array(fc.noBias(choice), { maxLength: LONGEST, size: 'max' }).map(numbers => {
    const printed = { [fc.toStringMethod]: () => `\n${told(randomWalk(numbers, fixed))}\n` }
    return Object.assign(numbers, printed)
  })
  const { HOLDFAST_SEED, HOLDFAST_PATH } = process.env
  const seed = Number(HOLDFAST_SEED ?? hash(expect.getState().currentTestName ?? ''))
  fc.assert(fc.property(fc.noBias(choices), holds), {
    seed,
    endOnFailure: process.env.HOLDFAST_SHRINK === '0',
    numRuns: Math.ceil(RUNS * MULTIPLIER),
    ...(HOLDFAST_PATH && { path: HOLDFAST_PATH, endOnFailure: true }),
  })
}

/** Every law its own walks. */
function hash(text: string): number {
  return [...text].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, 7)
}

/** A walk as lines of text, for whoever has to find out what broke. */
function told({ rules, steps }: Walk): string {
  return [
    JSON.stringify(rules, (_, value: unknown) => (value === Infinity ? 'Infinity' : value)),
    ...steps.map(
      ({ now, wall, roll, event, answers, effects, state }) =>
        `${now} (wall ${wall}, roll ${roll}) ${JSON.stringify(event)} answers ${JSON.stringify(answers)}\n` +
        `    -> ${stateOf(state)} ${JSON.stringify(state)}\n    => ${JSON.stringify(effects)}`,
    ),
  ].join('\n')
}

/** The effects of one type, in order. */
export function only<T extends Effect['type']>(
  effects: readonly Effect[],
  type: T,
): readonly Extract<Effect, { readonly type: T }>[] {
  return effects.filter((effect): effect is Extract<Effect, { readonly type: T }> => effect.type === type)
}

/** The numbers of the connections in the slots. */
export function live({ serving, dial }: MachineState): readonly number[] {
  return [serving, dial].flatMap(slot => (slot ? [slot.number] : []))
}

/** Whether the page must not dial at that moment. */
export function isPaused({ page }: MachineState, now: number): boolean {
  return page.frozen || (page.hiddenSince !== null && now - page.hiddenSince >= HIDDEN_PAUSE_MS)
}

/** What `decide` answered in this step; `undefined` when it was not asked. The heartbeat is asked before it. */
export function decision({ answers }: WalkStep): Answer | null | undefined {
  const [first] = answers.filter(answer => !isBeat(answer))
  return typeof first === 'number' || isBeat(first) ? undefined : first
}

/** What the heartbeat answered in this step; `undefined` when it was not asked. */
export function beat({ answers }: WalkStep): Beat | undefined {
  return answers.find(isBeat)
}

/** What was decided about a connection that failed in this step; `undefined` when none did. A credential that is refused again needs no policy. */
export function verdict(step: WalkStep): ReturnType<typeof decision> {
  const { before, event } = step
  const { serving, dial, intent } = before
  if (only(step.effects, 'disconnected')[0]?.disconnect.next.type === 'stay') return undefined
  const refusedAgain = event.type === 'ended' && event.refused === true && intent === 'run'
  if (!refusedAgain || !live(before).includes(event.number)) return decision(step)
  // What served leaves the rest to the dial of the handover.
  return event.number === serving?.number && dial ? undefined : 'refresh-auth'
}

/** The connection that a disconnect of this step is about. */
export function lost({ before, effects }: WalkStep): Serving | Dial | undefined {
  const [told] = only(effects, 'disconnected')
  return [before.serving, before.dial]
    .flatMap(slot => slot ?? [])
    .find(({ number }) => number === told?.disconnect.connection)
}

/** Whether this step may forget the attempts: a connection was up for the stable window, or a new life begins. */
export function mayForget({ before, state, now }: WalkStep, { stableMs }: Rules): boolean {
  const { intent, serving } = before
  if (intent === 'closed') return state.intent === 'run'
  return intent === 'run' && serving !== null && now - serving.openedAt >= stableMs
}
