import { auth } from './auth.ts'
import { closing } from './closing.ts'
import { construction } from './construction.ts'
import { listeners } from './listeners.ts'
import { liveness } from './liveness.ts'
import { platform } from './platform.ts'
import type { Proof, Proofs } from './proof.ts'
import { reconnecting } from './reconnecting.ts'
import { fileOfProofs, type NamedTest } from './registry.ts'
import { resume } from './resume.ts'
import { sending } from './sending.ts'

const sections = { construction, closing, reconnecting, liveness, sending, auth, resume, listeners, platform }

/** The proofs by the file that they are in. */
export const proofs: ReadonlyMap<string, Proofs> = new Map(
  Object.entries(sections).map(([section, inSection]) => [fileOfProofs(section), inSection]),
)

export function proofOf({ file, name }: NamedTest): Proof {
  const proof = proofs.get(file)?.[name]
  if (!proof) throw new Error(`${file} has no proof "${name}".`)
  return proof
}
