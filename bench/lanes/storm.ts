import { Machines } from '../storm/machines.ts'
import { nameOf } from '../storm/promises.ts'
import { CODES, OUTAGES_MS, RESTARTS, type Restart } from '../storm/scenario.ts'
import { VARIANTS, variantOf } from '../storm/variants.ts'
import { type Cast, frozen, restarted, revolved } from '../storm/world.ts'
import type { Open } from '../subjects/subject.ts'
import { lane, type Reading } from './lane.ts'

/** Clients of a library, in a process of their own, whose clock and chance are replaced before the library is loaded. */
interface Loaded {
  /** The file that exports `open` of `subjects/`. */
  readonly module: string
  readonly clients: number
  readonly seed: number
}

const hasOpen = (loaded: unknown): loaded is { readonly open: Open } =>
  typeof loaded === 'object' && loaded !== null && 'open' in loaded && typeof loaded.open === 'function'

function cast({ module, clients, seed }: Loaded): Cast {
  return {
    clients,
    seed,
    async open(fleet) {
      fleet.page.install()
      const loaded: unknown = await import(module)
      if (!hasOpen(loaded)) throw new Error(`${module} exports no \`open\`.`)
      fleet.begin(() => loaded.open('ws://server.example/', () => {}))
    },
  }
}

/** One restart with a library's own class: what came of it, and the dials in each second (`second-0`, ...). */
export function restartOf(clients: Loaded, restart: Restart, seconds: number): void {
  lane(async () => {
    const tally = await restarted(cast(clients), restart)
    const curve = tally.every(1_000, seconds).map((dials, second) => [`second-${second}`, dials])
    return { ...tally.outcome(restart), ...Object.fromEntries(curve) }
  })
}

/** A server that accepts and closes. */
export function revolvingDoor(clients: Loaded, code: number): void {
  lane(() => revolved(cast(clients), code))
}

/** A server that freezes. */
export function freeze(clients: Loaded, freezeMs: number, capacity: number): void {
  lane(() => frozen(cast(clients), freezeMs, capacity))
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
        for (const restart of RESTARTS) {
          if (restart.code !== code || restart.outageMs !== outageMs) continue
          const outcome = away.comesBack(restart).outcome(restart)
          for (const [name, value] of Object.entries(outcome)) reading[`${nameOf(restart)} ${name}`] = value
        }
      }
    }
    return reading
  })
}

/** What other numbers than the defaults would do. */
export function otherNumbers(clients: number, seed: number): void {
  lane(() =>
    Object.fromEntries(
      VARIANTS.flatMap(variant =>
        Object.entries(variantOf(variant, clients, seed).outcome(variant.restart)).map(([name, value]) => [
          `variant ${variant.name} ${name}`,
          value,
        ]),
      ),
    ),
  )
}
