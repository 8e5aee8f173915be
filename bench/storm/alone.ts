import type { Reading } from '../lanes/lane.ts'
import type { Plan } from '../plan.ts'
import { shown, type Table, verdict } from '../table.ts'
import { SUBJECTS } from './companions.ts'
import { type Call, pooled } from './pool.ts'

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
export async function alone(
  modules: readonly string[],
  withHeartbeat: string,
  plan: Plan,
  told: (done: number) => void,
): Promise<Table[]> {
  const [holdfast = ''] = modules
  const doors = modules.map((module): Call => `revolvingDoor(${cast(module, CLIENTS)}, ${BUSY})`)
  const stops = TERMINAL.map((code): Call => `revolvingDoor(${cast(holdfast, TERMINAL_CLIENTS)}, ${code})`)
  const freezes = FREEZES.map(
    ({ freezeMs, capacity }): Call => `freeze(${cast(withHeartbeat, plan.stormClients)}, ${freezeMs}, ${capacity})`,
  )
  const found = (await pooled([...doors, ...freezes, ...stops], 1, told)).map(([reading = {}]) => reading)
  return [
    doorTable(found.slice(0, doors.length), found.slice(doors.length + freezes.length)),
    freezeTable(found.slice(doors.length, doors.length + freezes.length), plan.stormClients),
  ]
}

function doorTable(found: readonly Reading[], stopped: readonly Reading[]): Table {
  const of = (name: string, i = 0): number => found[i]?.[name] ?? Number.NaN
  return {
    title: 'One client and a server that accepts and closes',
    section: 'storm',
    lead: `Simulated with each library's own class: ${shown(CLIENTS, 0)} clients, each a seed of its own; every connection is closed with ${BUSY} after 30 ms. Dials from the first one on, that one included.`,
    head: ['', 'in 10 s, mean', 'most', 'in 10 min, mean', 'most'],
    rows: SUBJECTS.map(({ name }, i) => [
      name,
      shown(of('mean10s', i), 2),
      shown(of('most10s', i), 0),
      shown(of('mean10min', i), 1),
      shown(of('most10min', i), 0),
    ]),
    notes: [
      verdict('mean of dials in 10 s', of('mean10s'), 3.5, 'at most', 2),
      verdict('dials of one client in 10 s', of('most10s'), 6, 'at most'),
      verdict('dials of one client in 10 min', of('most10min'), 95, 'at most'),
      verdict(
        `dials of one client in 10 min, if the code is ${TERMINAL.join(', ')}`,
        Math.max(...stopped.map(({ most10min = Number.NaN }) => most10min)),
        1,
        'at most',
      ),
    ],
  }
}

function freezeTable(found: readonly Reading[], clients: number): Table {
  const of = (name: string, i: number): number => found[i]?.[name] ?? Number.NaN
  return {
    title: 'A server that freezes under a broadcast, Holdfast',
    section: 'storm',
    lead: `Simulated with the class: ${shown(clients, 0)} clients with \`heartbeat: ping()\`; everybody is sent a message once a second. The server stands still and no connection is lost; dials and pings wait for the thaw, and handshakes are then made one after the other. Without a heartbeat, as with the peers, nobody notices and nobody dials.`,
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
      of('dead', i) ? `${shown(of('backMs', i) / 1_000, 0)} s` : '-',
      shown(of('dials', i), 2),
    ]),
    notes: [
      verdict(
        'dials in any second of a freeze or after it, of N',
        Math.max(...found.flatMap(({ peakFrozen = Number.NaN, peakThawed = Number.NaN }) => [peakFrozen, peakThawed])),
        0.4,
        'at most',
        3,
      ),
    ],
  }
}
