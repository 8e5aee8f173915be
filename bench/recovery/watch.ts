import { nodeModule } from '../bundle.ts'
import type { Samples } from '../findings.ts'
import { type Reading, sleep } from '../lanes/lane.ts'
import { type Lane, startLane } from '../lanes.ts'
import type { Plan } from '../plan.ts'
import type { Subject } from '../subjects.ts'
import { FAULTS, type Fault, type Place, placeOf } from './faults.ts'

/** Over which the clients are opened: as long as a heartbeat's interval, so that they are at different points of it. */
const STAGGER_MS = 15_000
const CONNECTED_MS = 20_000
/** Between two faults, so that the work after one does not make the next look slow. */
const APART_MS = 300

/** When something happened to a fault's clients. */
type Moments = Record<string, number>

interface Group {
  readonly faults: readonly Fault[]
  readonly places: readonly Place[]
  readonly lanes: readonly Lane[]
}

async function startGroup(
  faults: readonly Fault[],
  subjects: readonly Subject[],
  victims: number,
  staggerMs: number,
): Promise<Group> {
  const places = await Promise.all(faults.map(placeOf))
  const ports = faults.map(({ key }, i) => `${key}=${places[i]?.port}`).join(',')
  const lane = await nodeModule('victims', "import { victims } from './lanes/victims.ts'\nvictims()")
  const lanes: Lane[] = []
  for (const { file } of subjects) {
    const module = await nodeModule(`victim-${file}`, `export { open } from './subjects/${file}.ts'`)
    lanes.push(await startLane(lane, { args: [module, ports, `${victims}`, `${staggerMs}`] }))
  }
  await Promise.all(lanes.map(each => each.measure()))
  await sleep(staggerMs)
  const complete = (): boolean => places.every(({ clients }) => clients.size === victims * subjects.length)
  for (let waited = 0; !complete(); waited += 100) {
    if (waited > CONNECTED_MS) throw new Error(`Not all clients were connected within ${CONNECTED_MS} ms.`)
    await sleep(100)
  }
  // The last greetings arrive.
  await sleep(500)
  return { faults, places, lanes }
}

async function happen({ faults, places }: Group): Promise<Moments> {
  const moments: Moments = {}
  for (const [i, fault] of faults.entries()) {
    const place = places[i]
    if (!place) continue
    moments[fault.key] = Date.now()
    // Not awaited: an outage of one must not hold up the next.
    void fault.happen(place)
    await sleep(APART_MS)
  }
  return moments
}

/** Puts the clients to sleep, and lets their faults happen. */
async function fallAsleep({ faults, places, lanes }: Group): Promise<void> {
  for (const lane of lanes) lane.sleeps(true)
  for (const [i, fault] of faults.entries()) {
    const place = places[i]
    if (place) await fault.happen(place)
  }
}

function wakeUp({ faults, lanes }: Group): Moments {
  for (const lane of lanes) lane.sleeps(false)
  const now = Date.now()
  return Object.fromEntries(faults.map(({ key }) => [key, now]))
}

/** The first instant of that kind after the fault, in ms from it. */
function first(reading: Reading, name: string, from: number): number {
  const all = Object.entries(reading).filter(([key, at]) => key.startsWith(`${name} `) && at >= from)
  return Math.min(...all.map(([, at]) => at)) - from
}

async function end({ places, lanes }: Group): Promise<void> {
  for (const lane of lanes) lane.stop()
  await Promise.all(places.map(place => place.close()))
}

/**
 * Lets everything go wrong at nearly the same time, each on a line of its own, and watches. Answers, by fault and then by subject, ms
 * from the fault until each client knew, and until a message got through on a new connection.
 */
export async function watch(
  subjects: readonly Subject[],
  { victims, watchMs }: Plan,
): Promise<Readonly<Record<string, Samples>>> {
  const groups: Group[] = []
  const start = async (sleeps: boolean): Promise<Group> => {
    const faults = FAULTS.filter(fault => !!fault.sleeps === sleeps)
    const group = await startGroup(faults, subjects, victims, sleeps ? 0 : STAGGER_MS)
    groups.push(group)
    return group
  }
  try {
    // They sleep while the others are opened.
    const asleep = await start(true)
    await fallAsleep(asleep)
    const awake = await start(false)
    const at = { ...wakeUp(asleep), ...(await happen(awake)) }
    await sleep(watchMs)
    const samples: Record<string, Record<string, number[]>> = {}
    for (const group of groups) {
      for (const [i, { key: subject }] of subjects.entries()) {
        const reading = (await group.lanes[i]?.measure()) ?? {}
        for (const { key } of group.faults) {
          for (let victim = 0; victim < victims; victim++) {
            const from = at[key] ?? Number.NaN
            const through = first(reading, `${key} ${victim} back`, from)
            // Between two looks it may have been lost and come back.
            const known = Math.min(first(reading, `${key} ${victim} lost`, from), through)
            push(samples, `${key}: known`, subject, known)
            push(samples, `${key}: through`, subject, through)
          }
        }
      }
    }
    return samples
  } finally {
    await Promise.all(groups.map(end))
  }
}

function push(samples: Record<string, Record<string, number[]>>, what: string, subject: string, value: number): void {
  const bySubject = samples[what] ?? {}
  samples[what] = bySubject
  bySubject[subject] = [...(bySubject[subject] ?? []), value]
}
