import type { World } from './world.ts'

/** One check, of the rule in docs/protocol.md that names it. */
export interface Check {
  /** What the rule says, in a few words: the line of the report. */
  readonly title: string
  /** It waits for as long as the server's own numbers say: run with `--slow` alone. */
  readonly slow?: true
  /** @throws Broken or NotOffered; returns when the rule is kept. */
  run(world: World): Promise<void>
}

/** Checks by the names that the rules call them. */
export type Checks = Readonly<Record<string, Check>>
