import { nodeModule } from '../bundle.ts'
import type { Plan } from '../plan.ts'
import { progress } from '../progress.ts'
import { alone } from '../storm/alone.ts'
import { companions, SUBJECTS } from '../storm/companions.ts'
import { everyRestart } from '../storm/restarts.ts'
import type { Table } from '../table.ts'

const subject = (file: string): Promise<string> =>
  nodeModule(`storm-${file}`, `export { open } from './subjects/${file}.ts'`)

/** Many clients of one server that restarts, in simulated time. */
export async function storm(plan: Plan): Promise<Table[]> {
  const modules = await Promise.all(SUBJECTS.map(({ file }) => subject(file)))
  const withHeartbeat = await subject('holdfast-heartbeat')
  const all = await everyRestart(plan, done => progress('storm, every restart', done))
  const { tables } = await companions(modules, plan, done => progress('storm, beside the peers', done))
  const rest = await alone(modules, withHeartbeat, plan, done => progress('storm, one client and a freeze', done))
  return [all, ...tables, ...rest]
}
