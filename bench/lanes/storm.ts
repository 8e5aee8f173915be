import { Machines } from '../storm/machines.ts'
import { CODES, OUTAGES_MS, RESTARTS, type Restart } from '../storm/scenario.ts'
import { type Cast, frozen, restarted, revolved } from '../storm/world.ts'
import { lane, type Reading } from './lane.ts'

/** One restart with a library's own class: what came of it, and the dials in each second (`second-0`, ...). */
export function restartOf(cast: Cast, restart: Restart, seconds: number): void {
  lane(async () => {
    const tally = await restarted(cast, restart)
    const curve = tally.perSecond(seconds).map((dials, second) => [`second-${second}`, dials])
    return { ...tally.outcome(restart), ...Object.fromEntries(curve) }
  })
}

/** A server that accepts and closes. */
export function revolvingDoor(cast: Cast, code: number): void {
  lane(() => revolved(cast, code))
}

/** A server that freezes. */
export function freeze(cast: Cast, freezeMs: number, capacity: number): void {
  lane(() => frozen(cast, freezeMs, capacity))
}

/** Every restart with the machine of Holdfast, with one seed more each time it is asked. */
export function everyRestart(clients: number, firstSeed: number, step: number): void {
  let seed = firstSeed
  lane(() => {
    const calm = new Machines(clients, seed)
    seed += step
    const reading: Reading = {}
    for (const code of CODES) {
      const away = calm.drops(code)
      for (const outageMs of OUTAGES_MS) {
        away.waits(outageMs)
        RESTARTS.forEach((restart, i) => {
          if (restart.code !== code || restart.outageMs !== outageMs) return
          const outcome = away.comesBack(restart).outcome(restart)
          for (const [name, value] of Object.entries(outcome)) reading[`${i} ${name}`] = value
        })
      }
    }
    return reading
  })
}
