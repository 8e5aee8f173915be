/** What a check came to: these two are thrown, everything else that is thrown is a defect of the script. */

/** The server did something else than the rule says. */
export class Broken extends Error {
  override readonly name: string = 'Broken'

  constructor(expected: string, came: string) {
    super(`expected ${expected}; came ${came}`)
  }
}

/** The server does not have what the rule is about, and need not have it. */
export class NotOffered extends Error {
  override readonly name: string = 'NotOffered'
}

/** How one rule ended. */
export type Verdict = 'ok' | 'failed' | 'not offered' | 'not run'

/** One line of the report. */
export interface Outcome {
  /** As in docs/protocol.md: `R12`. */
  readonly rule: string
  readonly check: string
  readonly verdict: Verdict
  /** What was found, where there is something to say. */
  readonly detail: string
}
