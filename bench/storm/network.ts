import { mulberry32 } from '../../src/testing/seeded.ts'
import { ROUND_TRIP_MS } from './scenario.ts'

/** One way to the server, in ms, by client. */
export function latencies(clients: number, seed: number): Float64Array {
  const roll = mulberry32(~seed)
  const [least, most] = ROUND_TRIP_MS
  return Float64Array.from({ length: clients }, () => (least + (most - least) * roll()) / 2)
}
