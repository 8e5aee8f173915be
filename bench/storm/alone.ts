import type { Plan } from '../plan.ts'
import { HOLDFAST } from '../subjects.ts'
import { shown, type Table, verdict } from '../table.ts'
import { SUBJECTS } from './companions.ts'
import { pooled } from './pool.ts'
import { type Samples, sampled, worst } from './samples.ts'

/** Clients of the server that accepts and closes: each is a seed of its own. */
const CLIENTS = 1_000
const BUSY = 1011
/** Holdfast without an auth provider stops at these. */
const TERMINAL = [1002, 1003, 1007, 1008, 1010, 3000, 3003, 4401, 4403]
const TERMINAL_CLIENTS = 20
/** A freeze, and the handshakes a second after it, as a share of the clients. */
const FREEZES = [
  { freezeMs: 5_000, capacity: 1 / 20 },
  { freezeMs: 20_000, capacity: 1 / 20 },
  { freezeMs: 20_000, capacity: 1 / 100 },
]

const cast = (module: string, clients: number): string => JSON.stringify({ module, clients, seed: 1 })

/** What one client does to a server that accepts and closes, and what all do to one that froze. */
export async function measureAlone(
  modules: readonly string[],
  withHeartbeat: string,
  plan: Plan,
  told: (done: number) => void,
): Promise<Samples> {
  const doors = SUBJECTS.map(({ file }, i) => ({
    of: 'door',
    subject: file,
    call: `revolvingDoor(${cast(modules[i] ?? '', CLIENTS)}, ${BUSY})` as const,
  }))
  const freezes = FREEZES.map(({ freezeMs, capacity }, i) => ({
    of: `freeze ${i}`,
    subject: HOLDFAST.file,
    call: `freeze(${cast(withHeartbeat, plan.stormClients)}, ${freezeMs}, ${capacity})` as const,
  }))
  const stops = TERMINAL.map(code => ({
    of: 'terminal',
    subject: HOLDFAST.file,
    call: `revolvingDoor(${cast(modules[0] ?? '', TERMINAL_CLIENTS)}, ${code})` as const,
  }))
  const all = [...doors, ...freezes, ...stops]
  const found = await pooled(
    all.map(({ call }) => call),
    1,
    told,
  )
  return sampled(all.map(({ of, subject }, i) => ({ of, subject, reading: found[i]?.[0] ?? {} })))
}

export function doorTable(samples: Samples): Table {
  return {
    title: `One client and a server that accepts and closes with ${BUSY} after 30 ms: dials, the first included, of ${shown(CLIENTS, 0)} clients`,
    head: ['', 'in 10 s, mean', 'most', 'in 10 min, mean', 'most'],
    rows: SUBJECTS.map(({ name, file }) => [
      name,
      shown(worst(samples, 'door mean10s', file), 2),
      shown(worst(samples, 'door most10s', file), 0),
      shown(worst(samples, 'door mean10min', file), 1),
      shown(worst(samples, 'door most10min', file), 0),
    ]),
  }
}

export function freezeTable(samples: Samples): Table {
  const of = (name: string, i: number): number => worst(samples, `freeze ${i} ${name}`, HOLDFAST.file)
  return {
    title: 'A server that freezes under a broadcast, Holdfast with `heartbeat: ping()`',
    head: [
      'frozen for',
      'capacity',
      'found it dead',
      'most dials in 1 s, of N',
      'after the thaw',
      'all back after the thaw',
      'dials per client',
    ],
    rows: FREEZES.map(({ freezeMs, capacity }, i) => [
      `${freezeMs / 1_000} s`,
      `N/${Math.round(1 / capacity)}`,
      `${shown(of('dead', i) * 100, 0)} %`,
      shown(of('peakFrozen', i), 3),
      shown(of('peakThawed', i), 3),
      of('dead', i) ? `${shown(of('backMs', i) / 1_000, 0)} s` : 'nobody left',
      shown(of('dials', i), 2),
    ]),
  }
}

export function aloneNotes(samples: Samples): string[] {
  const { file } = HOLDFAST
  const frozen = FREEZES.flatMap((_, i) => [`freeze ${i} peakFrozen`, `freeze ${i} peakThawed`])
  return [
    verdict('accepts and closes, mean of dials in 10 s', worst(samples, 'door mean10s', file), 3.5, 'at most', 2),
    verdict('accepts and closes, dials of one client in 10 s', worst(samples, 'door most10s', file), 6, 'at most'),
    verdict('accepts and closes, dials of one client in 10 min', worst(samples, 'door most10min', file), 95, 'at most'),
    verdict(`the same with ${TERMINAL.join(', ')}`, worst(samples, 'terminal most10min', file), 1, 'at most'),
    verdict(
      'a freeze, dials in any second, of N',
      Math.max(...frozen.map(what => worst(samples, what, file))),
      0.4,
      'at most',
      3,
    ),
  ]
}
