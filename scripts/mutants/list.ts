import { connections } from './connections.ts'
import { credentials } from './credentials.ts'
import { events } from './events.ts'
import { liveness } from './liveness.ts'
import type { Mutant } from './mutant.ts'
import { numbers } from './numbers.ts'
import { renewing } from './renewing.ts'
import { waiting } from './waiting.ts'

/** All mutants, in the order of the story: numbers, events, connections, credentials, renewing, liveness, waiting. */
export const mutants: readonly Mutant[] = [
  ...numbers,
  ...events,
  ...connections,
  ...credentials,
  ...renewing,
  ...liveness,
  ...waiting,
]
