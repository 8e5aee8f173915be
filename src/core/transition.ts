/**
 * The machine: every rule of connecting and reconnecting, as one pure function.
 *
 * A state has three slots: `serving` (the connection that carries the app's traffic), `dial` (one on its way up) and
 * `wait` (why nothing is being dialled). `serving` and `dial` together are a handover.
 *
 * Laws, each a property in test/core/laws.test.ts:
 *  1. At most one `serving` and one `dial`; `dial` and `wait` exclude each other; `closed` has none of the three.
 *  2. A report from a connection that is neither serving nor dialling changes nothing: the same state object, no effects.
 *  3. A deadline is a field of the slot that needs it, so leaving the slot cancels it. There is one timer.
 *  4. `attempt` is forgotten only when a connection was up for the stable window, or when the app begins a new life
 *     with `reconnect()` after `closed`. The dial guard holds whatever policies and chance say.
 *  5. A terminal decision dials nothing until `reconnect()`.
 *  6. No dial with a credential known to be refused or expired; one refresh at a time; refusals are counted and end in
 *     `closed` (unauthorized).
 *  7. Policies are asked in one place each (`rules.decide` in `ended`, `rules.backoff` in `drawWait`); the driver stores
 *     their answers in the record. One that throws abstains and is reported.
 *  8. Same inputs, same outputs: a trace replayed with its stored answers gives the same states.
 *  9. Progress: a tick that is due changes the state.
 *
 * How a wait is drawn stands in wait.ts, how a connection comes up in dial.ts, what is told of its end
 * in ending.ts, what the app may ask for in commands.ts.
 */
import { askedDelayMs } from './close-codes.ts'
import { close, handOver, hangs, newLife, reconnect, recovering } from './commands.ts'
import { begin, connect, downFrom, serve, usable } from './dial.ts'
import type { Effect } from './effect.ts'
import { type Ended, endingOf, lost, nextAfter, stop } from './ending.ts'
import type { Instant, MachineEvent, Signal } from './event.ts'
import type { Rules } from './rules.ts'
import type { Credential, MachineState, Page } from './state.ts'
import type { Step } from './step.ts'
import { drawWait, evident, offlineUntil, pausedBy, soonest } from './wait.ts'

/** One step of the machine. Pure: no clock, no chance, no I/O; the same state object when nothing changes. */
export function transition(rules: Rules, state: MachineState, event: MachineEvent, at: Instant): Step {
  const { intent, dial, session } = state
  const unchanged: Step = [state, []]
  switch (event.type) {
    case 'start':
      return intent === 'closed' ? begin(rules, newLife(rules, state, at), 'first', at) : unchanged
    case 'tick':
      return tick(rules, state, at)
    case 'authorized': {
      if (dial?.number !== event.number || dial.phase !== 'authorizing' || intent !== 'run') return unchanged
      const next = rules.credentials ? holding(state, event.expiresAt) : state
      // A provider that hands out what is refused or already expired has failed.
      return usable(next.session.credential, at)
        ? connect(rules, next, dial, at)
        : ended(rules, state, lost(dial.number, 'provider'), at)
    }
    case 'connected':
      if (dial?.number !== event.number || dial.phase !== 'connecting' || intent !== 'run') return unchanged
      return [{ ...state, dial: { ...dial, phase: 'greeting' } }, [{ type: 'greet', number: dial.number }]]
    case 'ready':
      if (dial?.number !== event.number || dial.phase !== 'greeting' || intent !== 'run') return unchanged
      return serve(rules, state, dial, at)
    case 'ended':
      return ended(rules, state, event, at)
    case 'close':
      return close(state, event, at)
    case 'reconnect':
      return reconnect(rules, state, at)
    case 'retry-now':
      if (intent !== 'run') return reconnect(rules, state, at)
      if (state.wait) return [{ ...state, wait: soonest(rules, state.retry, state.wait.purpose, at.now) }, []]
      // A dial that hangs is a wait too; one that was only just made is what the app asks for.
      return hangs(rules, state, at) ? reconnect(rules, state, at) : unchanged
    case 'signal':
      return signalled(rules, state, event.signal, at)
    case 'handover':
      return handOver(rules, state, event.purpose, at)
    case 'renewed': {
      const next = rules.credentials ? holding(state, event.expiresAt) : state
      if (next === state || dial?.phase !== 'connecting' || intent !== 'run') return [next, []]
      // The old credential is on its way in that dial: start over with the new one.
      return [
        { ...next, dial: null, wait: soonest(rules, state.retry, dial.purpose, at.now) },
        [{ type: 'retire', number: dial.number }],
      ]
    }
  }
}

/** Whatever is due now, one thing at a time: the driver asks again as long as something is. */
function tick(rules: Rules, state: MachineState, at: Instant): Step {
  const { intent, serving, dial, wait, down, retry, session } = state
  const { now } = at
  if (intent === 'closing') {
    if (serving || (dial && dial.deadlineAt > now)) return [state, []]
    const retired: Effect[] = dial ? [{ type: 'retire', number: dial.number }] : []
    return stop(state, endingOf(rules, state, dial, lost(dial?.number ?? 0), at), 'app', retired)
  }
  if (serving && serving.stableAt !== null && serving.stableAt <= now) {
    return [
      {
        ...state,
        serving: { ...serving, stableAt: null },
        retry: { attempt: 0, previousMs: 0, transport: retry.transport, dials: retry.dials, evidence: retry.evidence },
        session: { everOpen: true, credential: session.credential, refusals: 0 },
      },
      [],
    ]
  }
  if (dial && dial.deadlineAt <= now) {
    const origin = dial.phase === 'authorizing' ? 'provider' : 'dial-timeout'
    return ended(rules, state, lost(dial.number, origin), at, [{ type: 'retire', number: dial.number }])
  }
  if (wait?.type === 'backoff' && wait.until <= now) {
    const by = pausedBy(rules, state.page, now)
    if (!by) return begin(rules, state, wait.purpose, at)
    return [{ ...state, wait: { type: 'paused', purpose: wait.purpose, notBefore: wait.notBefore, by } }, []]
  }
  if (down?.type === 'brief' && down.limitedAt <= now) {
    return [{ ...state, down: { type: 'limited', since: down.since } }, []]
  }
  return [state, []]
}

/** A connection ended: ask the policy, and wait, stop, or leave it to the other connection. */
function ended(rules: Rules, state: MachineState, report: Ended, at: Instant, before: readonly Effect[] = []): Step {
  const { serving, dial, retry, session } = state
  const was = report.number === serving?.number ? serving : report.number === dial?.number ? dial : null
  if (!was) return [state, []]
  const facts = endingOf(rules, state, was, report, at)
  if (state.intent !== 'run') return stop(state, facts, 'app', before)

  if (was === serving && dial) {
    // A handover was under way: its dial is now the one that recovers.
    const disconnect = { ...facts, next: { type: 'handover' } } as const
    return [
      {
        ...state,
        serving: null,
        dial: { ...dial, purpose: 'recover' },
        down: downFrom(rules, at.now),
        cause: disconnect,
      },
      [...before, { type: 'disconnected', disconnect, silent: false }],
    ]
  }

  const still = was === serving ? null : serving
  // Hidden tabs tick late, so the stable window is judged here too.
  const stable = was === serving && at.now - serving.openedAt >= rules.stableMs
  const attempt = (stable ? 0 : retry.attempt) + 1
  const answer = rules.decide(facts) ?? 'retry'
  const refused = answer === 'refresh-auth'
  const refusals = (stable ? 0 : session.refusals) + (refused ? 1 : 0)
  const stopped =
    answer === 'stop'
      ? 'policy'
      : refused && (!rules.credentials || refusals >= rules.maxRefusals)
        ? 'unauthorized'
        : attempt > rules.maxAttempts
          ? 'attempts'
          : null
  // A handover that cannot be made is given up; the connection that serves is not to blame.
  if (stopped && !still) return stop(state, facts, stopped, before)

  const next: MachineState = {
    ...state,
    serving: still,
    dial: null,
    down: still ? null : (state.down ?? downFrom(rules, at.now)),
    retry: {
      attempt,
      previousMs: stable ? 0 : retry.previousMs,
      transport: answer === 'fall-back' ? Math.min(retry.transport + 1, rules.transports.length - 1) : retry.transport,
      dials: retry.dials,
      evidence: retry.evidence,
    },
    session: { everOpen: session.everOpen, credential: refused ? { type: 'refused' } : session.credential, refusals },
  }
  if (stopped) {
    const disconnect = { ...facts, next: { type: 'stop', by: stopped } } as const
    return [{ ...next, wait: null }, [...before, { type: 'disconnected', disconnect, silent: true }]]
  }
  const purpose = still && 'purpose' in was ? was.purpose : recovering(session)
  const drawn =
    refused && refusals === 1
      ? { wait: soonest(rules, next.retry, purpose, at.now, 'policy'), retry: next.retry }
      : drawWait(rules, next, purpose, at, { answer, serverMs: askedDelayMs(facts.code, facts.reason) })
  const disconnect = { ...facts, next: nextAfter(drawn.wait, at.now) }
  return [
    { ...next, ...drawn, cause: still ? null : disconnect },
    [...before, { type: 'disconnected', disconnect, silent: still !== null }],
  ]
}

/** The page, the clock or the network said something: hints to dial sooner, later, or not now. */
function signalled(rules: Rules, state: MachineState, signal: Signal, at: Instant): Step {
  const { page, wait, retry } = state
  const { now } = at
  const cameBack = signal === 'online' && !page.online
  const said: Page = {
    online: signal === 'online' || (page.online && signal !== 'offline'),
    frozen: signal === 'frozen' || (page.frozen && signal !== 'resumed'),
    hiddenSince: signal === 'hidden' ? (page.hiddenSince ?? now) : signal === 'visible' ? null : page.hiddenSince,
  }
  const paused = wait?.type === 'paused'
  const released = paused && !pausedBy(rules, said, now)
  const evidence = cameBack || released || signal === 'woke' || signal === 'resumed' || signal === 'network-changed'
  const moved = said.online !== page.online || said.frozen !== page.frozen || said.hiddenSince !== page.hiddenSince
  if (!moved && !(evidence && state.intent === 'run')) return [state, []]
  const next: MachineState = {
    ...state,
    page: said,
    retry: evidence
      ? {
          attempt: retry.attempt,
          previousMs: retry.previousMs,
          transport: retry.transport,
          dials: retry.dials,
          evidence: { seenAt: now, usedAt: retry.evidence.usedAt },
        }
      : retry,
  }
  const { dial } = next
  if (evidence && dial && hangs(rules, next, at)) {
    return ended(rules, next, lost(dial.number, 'network'), at, [{ type: 'retire', number: dial.number }])
  }
  if (!wait) return [next, []]
  const pauses = !paused && pausedBy(rules, said, now) !== null
  const shortens = !paused && evidence && (evident(rules, next.retry, now) || (cameBack && wait.by === 'offline'))
  if (pauses || released || shortens) {
    return [{ ...next, ...drawWait(rules, next, wait.purpose, at, { notBefore: wait.notBefore }) }, []]
  }
  const sparse = offlineUntil(rules, next, now)
  if (paused || wait.until >= sparse) return [next, []]
  return [{ ...next, wait: { ...wait, until: sparse, by: 'offline' } }, []]
}

function holding(state: MachineState, expiresAt: number | null): MachineState {
  const credential: Credential = { type: 'held', expiresAt }
  return { ...state, session: { everOpen: state.session.everOpen, credential, refusals: state.session.refusals } }
}
