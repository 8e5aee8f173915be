/** The conformance script against a server of these tests. */
import type { Outcome } from '../../src/conformance/outcome.ts'
import { conformance, type Selection } from '../../src/conformance/run.ts'
import { socketFactory } from '../../src/conformance/socket.ts'
import type { Settings } from '../../src/conformance/world.ts'
import type { ReferenceOptions, ReferenceServer } from './reference-server.ts'

/** Everything that a server may offer, it offers; the log is shorter than a run. */
export const EVERYTHING: ReferenceOptions = {
  tokens: { ann: { identity: 'ann' }, bob: { identity: 'bob' } },
  origin: 'https://app.example.com',
  retained: 30,
}
/** It has no time now and then. */
export const BUSY: ReferenceOptions = { ...EVERYTHING, busyEvery: 7 }
/** Short times, so that those rules which wait do not wait long. */
export const HURRIED: ReferenceOptions = {
  tokens: { ann: { identity: 'ann', expiresInMs: 1_400 } },
  heartbeatMs: 300,
  helloWithinMs: 300,
}

/** Starts the server, checks it, and ends it. */
export async function examine(
  starting: Promise<ReferenceServer>,
  selection: Partial<Selection> = {},
  settings: Partial<Settings> = {},
): Promise<readonly Outcome[]> {
  const [server, socket] = [await starting, await socketFactory()]
  if (!socket) throw new Error('no WebSocket')
  const all: Settings = {
    socket,
    url: server.url,
    topic: 'room',
    otherTopic: 'hall',
    forbiddenTopic: 'secret',
    token: 'ann',
    otherToken: 'bob',
    origin: 'https://app.example.com',
    patienceMs: 5_000,
    quietMs: 60,
    ...settings,
  }
  try {
    const outcomes = await conformance(all, { slow: false, only: [], ...selection })
    if (server.defects.length) throw new AggregateError(server.defects, 'The server threw.')
    return outcomes
  } finally {
    server.close()
  }
}

export function checksThat(outcomes: readonly Outcome[], verdict: Outcome['verdict']): readonly string[] {
  return outcomes.filter(outcome => outcome.verdict === verdict).map(({ check }) => check)
}
