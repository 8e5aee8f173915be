import { nodeModule } from '../bundle.ts'
import type { Samples } from '../findings.ts'
import { type Reading, sleep } from '../lanes/lane.ts'
import { type Lane, startLane } from '../lanes.ts'
import type { Plan } from '../plan.ts'
import type { Subject } from '../subjects.ts'
import { FAULTS, type Fault, type Place, placeOf } from './faults.ts'

/** Over which the clients are opened: as long as a heartbeat's interval, so that they are at different points of it. */
const STAGGER_MS = 15_000
const ASLEEP_MS = 15_000

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
  await sleep(staggerMs + 1_000)
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
  }
  return moments
}

/** Sleeps first, so that what happens is met on waking up. */
async function happenAsleep({ faults, places, lanes }: Group): Promise<Moments> {
  for (const lane of lanes) lane.sleeps(true)
  for (const [i, fault] of faults.entries()) {
    const place = places[i]
    if (place) await fault.happen(place)
  }
  await sleep(ASLEEP_MS)
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
 * Lets everything go wrong at once, each on a line of its own, and watches. Answers, by fault and then by subject, ms
 * from the fault until each client knew, and until a message got through on a new connection.
 */
export async function watch(
  subjects: readonly Subject[],
  { victims, watchMs }: Plan,
): Promise<Readonly<Record<string, Samples>>> {
  const awake = await startGroup(
    FAULTS.filter(({ sleeps }) => !sleeps),
    subjects,
    victims,
    STAGGER_MS,
  )
  const asleep = await startGroup(
    FAULTS.filter(({ sleeps }) => sleeps),
    subjects,
    victims,
    0,
  )
  try {
    const [moments, wokenAt] = await Promise.all([happen(awake), happenAsleep(asleep)])
    await sleep(watchMs)
    const samples: Record<string, Record<string, number[]>> = {}
    for (const [group, at] of [[awake, moments] as const, [asleep, wokenAt] as const]) {
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
    await Promise.all([end(awake), end(asleep)])
  }
}

function push(samples: Record<string, Record<string, number[]>>, what: string, subject: string, value: number): void {
  const bySubject = samples[what] ?? {}
  samples[what] = bySubject
  bySubject[subject] = [...(bySubject[subject] ?? []), value]
}
