import { nodeModule } from '../bundle.ts'
import type { Findings } from '../findings.ts'
import type { Plan } from '../plan.ts'
import { progress } from '../progress.ts'
import type { Section } from '../section.ts'
import { aloneNotes, doorTable, freezeTable, measureAlone } from '../storm/alone.ts'
import {
  besideTable,
  fileOf,
  measureCompanions,
  SUBJECTS,
  sizeTable,
  stormChart,
  variantTable,
} from '../storm/companions.ts'
import { measureRestarts, restartNotes, restartTable } from '../storm/restarts.ts'
import { shown } from '../table.ts'

const subject = (file: string): Promise<string> =>
  nodeModule(`storm-${file}`, `export { open } from './subjects/${file}.ts'`)

async function measure(plan: Plan): Promise<Findings> {
  const modules = await Promise.all(SUBJECTS.map(({ file }) => subject(fileOf(file))))
  const withHeartbeat = await subject('holdfast-heartbeat')
  return {
    facts: { clients: shown(plan.stormClients, 0), seeds: `${plan.stormSeeds}` },
    samples: {
      ...(await measureRestarts(plan, done => progress('storm, every restart', done))),
      ...(await measureCompanions(modules, plan, done => progress('storm, beside the peers', done))),
      ...(await measureAlone(modules, withHeartbeat, plan, done => progress('storm, one client, and a freeze', done))),
    },
  }
}

/** Many clients of one server that restarts, in simulated time. */
export const storm: Section = {
  name: 'storm',
  measure,
  show({ facts: { clients, seeds }, samples }, source) {
    return {
      title: 'N clients of a server that restarts',
      lead: `Simulated, with the code of each library: ${clients} clients, and ${seeds} seeds for every restart of Holdfast. All clients lose their connection at once, with the code that is named (1012 is answered as 1006 is). Every dial is refused during the outage. After it the server takes N/20 or N/100 handshakes a second; what exceeds that is refused, or accepted and closed with 1013, or kept in an endless queue. The bound is what such a server needs for N handshakes: 20 s or 100 s. A wasted dial reached the server after the outage and did not become the connection. "Never": not within 10 times the bound. What misses a budget is bold. Default options; websocket-ts as in its quickstart, since by default it does not reconnect; reconnecting-websocket with a first delay of its own for each client, as it draws one per page load.`,
      charts: [stormChart(samples, source)],
      tables: [
        restartTable(samples),
        besideTable(samples),
        sizeTable(samples),
        variantTable(samples),
        doorTable(samples),
        freezeTable(samples),
      ],
      notes: [...restartNotes(samples), ...aloneNotes(samples)],
    }
  },
}
