/** What may happen to a machine in a random walk. */
import type { MachineEvent, Vitals } from '../core/event.ts'
import type { Heart, MachineState } from '../core/state.ts'
import { CODES, type Menu, ORIGINS, REASONS, SIGNALS, weighted } from './menus.ts'

/** Draws a whole number below `sides` from what is left of a choice. */
export type Dice = (sides: number) => number

/** What happens, seen from the state it happens to. */
export type Happening = (state: MachineState, wall: number, dice: Dice) => MachineEvent

/** Takes a choice apart: each draw uses up the part of it that decided. */
export function diceOf(choice: number): Dice {
  let rest = choice
  return sides => {
    const scaled = rest * sides
    const side = Math.floor(scaled)
    rest = scaled - side
    return side
  }
}

export function pick<T>(dice: Dice, menu: Menu<T>): T {
  return menu[dice(menu.length)] ?? menu[0]
}

function endedBy(number: number, dice: Dice): MachineEvent {
  const origin = pick(dice, ORIGINS)
  const silentMs = pick(dice, [undefined, 0, 12_000])
  return {
    type: 'ended',
    number,
    code: pick(dice, CODES),
    reason: pick(dice, REASONS),
    wasClean: !dice(2),
    ...(origin && { origin }),
    ...(silentMs !== undefined && { silentMs }),
  }
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
export const expected: Happening = (state, wall, dice) => {
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

/** What is known of the traffic: nothing new, mostly; sometimes something was heard. */
function vitalsBy({ received, messages, countedAt }: Heart, dice: Dice): Vitals {
  const heard = pick(dice, [0, 0, 1, 5])
  return {
    received: received + heard,
    messages: messages + dice(heard + 1),
    heardAt: countedAt - pick(dice, [0, 0, 15_000, 28_800_000]),
    awaitedAt: pick(dice, [null, null, countedAt]),
    roundTripMs: pick(dice, [null, 40]),
    buffered: pick(dice, [0, 100_000]),
  }
}

/** A tick; with the traffic of a connection that waits for a quiet moment: silence, bytes that wait, or a message. */
const tick: Happening = ({ serving }, _, dice) => {
  const { rotation, heart } = serving ?? {}
  const last = Math.max(0, rotation?.traffic ?? 0)
  const lateMs = pick(dice, [0, 0, 300, 60_000])
  return {
    type: 'tick',
    ...(rotation && { traffic: pick(dice, [last, -1, last + 1]) }),
    ...(lateMs && { lateMs }),
    ...(heart && { vitals: vitalsBy(heart, dice) }),
  }
}

/** The connection that serves ends; without one, the one on its way up. */
const loss: Happening = ({ serving, dial }, _, dice) => {
  const live = serving ?? dial
  return live ? endedBy(live.number, dice) : { type: 'tick' }
}

/** Something on the way cuts a silent connection, often after the same silence. */
const cut: Happening = ({ serving: live }, _, dice) => {
  // Not one that has only just opened: it was not silent for long.
  if (!live || live.stableAt !== null) return { type: 'tick' }
  const silentMs = pick(dice, [10_000, 10_000, 10_500, 60_000])
  return { type: 'ended', number: live.number, code: 1006, reason: '', wasClean: false, silentMs }
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

const signal: Happening = ({ serving }, _, dice) => {
  const said = pick(dice, SIGNALS)
  const slept = said === 'woke' && { sleptMs: pick(dice, [5_001, 60_000, 28_800_000]) }
  const heart = serving?.heart
  return { type: 'signal', signal: said, ...slept, ...(heart && dice(2) && { vitals: vitalsBy(heart, dice) }) }
}

/** Traffic begins, or a ping cannot be made; of any connection. */
const stir: Happening = ({ serving, dial, connections }, _, dice) => {
  const number = pick(dice, [serving?.number, serving?.number, dial?.number]) ?? dice(connections + 2)
  const type = pick(dice, ['stirred', 'stirred', 'not-pinged'] as const)
  return { type, number, ...(serving?.heart && { vitals: vitalsBy(serving.heart, dice) }) }
}

const handover: Happening = (_, __, dice) => ({
  type: 'handover',
  purpose: dice(2) ? 'promote' : 'replace',
  ...(dice(2) && { transport: dice(3) }),
})

const fallBack: Happening = (_, __, dice) => ({ type: 'fall-back', transport: dice(4), to: 'sse', why: 'blocked' })

const close: Happening = (_, __, dice) =>
  dice(2) ? { type: 'close', code: pick(dice, [1000, 4000]), reason: 'enough' } : { type: 'close' }

/** The constructor runs once; on a machine that was started, `start` must do nothing. */
const start: Happening = ({ intent, connections, cause }) => ({
  type: intent === 'closed' && (connections || cause) ? 'reconnect' : 'start',
})

export const HAPPENINGS: Menu<Happening> = weighted(
  [20, expected],
  [4, tick],
  [2, loss],
  [6, cut],
  [4, stray],
  [4, signal],
  [3, handover],
  [2, fallBack],
  [2, fetched],
  [1, () => ({ type: 'renew' })],
  [2, () => ({ type: 'retry-now' })],
  [1, () => ({ type: 'reconnect' })],
  [1, close],
  [2, stir],
  [1, start],
)
