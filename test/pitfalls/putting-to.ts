import { type Proof, trialOf } from './proof.ts'
import type { Subject } from './subject.ts'
import { inWorld } from './world.ts'

/** How a subject came out of a proof. */
export type Outcome =
  /** With what it threw where nobody caught it. */
  | { readonly type: 'stands'; readonly uncaught: readonly unknown[] }
  | { readonly type: 'falls'; readonly seen: string }
  /** What was thrown is no assertion: that proves nothing about the subject. */
  | { readonly type: 'crashed'; readonly error: unknown }

/** Puts a subject to a proof, in a world of its own. */
export async function outcomeOf(proof: Proof, subject: Subject): Promise<Outcome> {
  let uncaught: readonly unknown[] = []
  try {
    await inWorld(subject.speaks, world => {
      uncaught = world.uncaught
      return proof(trialOf(subject, world))
    })
    return { type: 'stands', uncaught }
  } catch (error) {
    if (error instanceof Error && error.name === 'AssertionError') return { type: 'falls', seen: error.message }
    return { type: 'crashed', error }
  }
}

/** What is wrong with what the registry says of somebody; nothing when they fall just so. */
export function complaintAbout(subject: string, expected: string, outcome: Outcome): string | undefined {
  switch (outcome.type) {
    case 'stands':
      return `${subject} does not fall into this any more: take it out of test/pitfalls.json, or put in who does.`
    case 'crashed':
      return `${subject} could not be put to the proof: ${outcome.error}`
    case 'falls':
      if (outcome.seen === expected) return undefined
      return `${subject} falls into this in another way than test/pitfalls.json says: "${outcome.seen}", not "${expected}".`
  }
}
