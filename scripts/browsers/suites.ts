import type { EngineName } from '../../test/support/engine-name.ts'

/** How many tests of a file passed, failed and were skipped in one engine. */
export interface Score {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Tests for browsers, and what their score has to be. */
export interface Suite {
  /** What is tested, for the report. */
  readonly name: string
  /** The file, or the beginning of the paths of all its files. */
  readonly path: string
  /** The one engine it is for; every engine where it is left out. */
  readonly engine?: EngineName
  /** Suites of a kind have the same tests; another number of them means that some were lost. */
  readonly kind: SuiteKind
  /** Whether a failure is something to look at. */
  readonly explain: boolean
  /** What is wrong with the score; undefined when it is as it should be. */
  judge(score: Score): string | undefined
}

export type SuiteKind = 'contract' | 'reconnect'

/** A wrapper that the contract cannot tell from the platform's class would mean that the contract is weak. */
const NAIVE_FAILURES_AT_LEAST = 40

const mustPass = {
  explain: true,
  judge: ({ failed }: Score) => (failed > 0 ? `${failed} failed` : undefined),
} as const

const mustFail = {
  explain: false,
  judge: ({ failed }: Score) =>
    failed < NAIVE_FAILURES_AT_LEAST ? `only ${failed} failed, expected ${NAIVE_FAILURES_AT_LEAST} or more` : undefined,
} as const

const contract = { kind: 'contract' } as const

/** In the order of the report. */
const suites: readonly Suite[] = [
  { ...contract, ...mustPass, name: 'native', path: 'test/contract/native.browser.test.ts' },
  { ...contract, ...mustPass, name: 'ours, bare', path: 'test/contract/ours-bare.browser.test.ts' },
  { ...contract, ...mustPass, name: 'ours, defaults', path: 'test/contract/ours-default.browser.test.ts' },
  { ...contract, ...mustFail, name: 'naive', engine: 'chromium', path: 'test/naive/naive.contract.ts' },
  { ...mustPass, kind: 'reconnect', name: 'reconnecting', path: 'test/reconnect/' },
  { ...mustPass, kind: 'reconnect', name: 'hostile servers', path: 'test/hostile/' },
  {
    ...mustPass,
    kind: 'reconnect',
    name: 'own delays',
    path: 'test/reconnect/parked.firefox.ts',
    engine: 'firefox',
  },
]

/** The suites of these kinds that run in an engine. */
export function suitesFor(engine: string, kinds: readonly string[]): readonly Suite[] {
  return suites.filter(suite => kinds.includes(suite.kind) && (suite.engine ?? engine) === engine)
}

/** What one suite came to in one engine. */
export interface Outcome extends Score {
  readonly suite: string
  readonly kind: SuiteKind
  readonly engine: string
  readonly seconds: number
  readonly problem: string | undefined
}
