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
 *  7. Policies are asked in one place each: `rules.decide` in `ended`, `rules.backoff` in `draw`, `rules.life` in
 *     `look`. The driver stores their answers in the record. One that throws abstains and is reported.
 *  8. Same inputs, same outputs: a trace replayed with its stored answers gives the same states.
 *  9. Progress: a tick that is due changes the state.
 * 10. A connection that serves dies of silence only when its heartbeat said so at two looks, with nothing heard between.
 * 11. Looking for a better transport costs the connection that serves nothing: no attempt, no wait, no word to the app.
 *
 * Here stands what each event does. How a connection comes up is told in dialling.ts, how its credential is kept fresh
 * and how it is replaced in renewing.ts, how its life is watched in liveness.ts, how one ends and what is decided then in
 * ending.ts, how long to wait before the next one in waiting.ts, every number in limits.ts.
 */
import { begin, connect, forget, hear, renewalDue, serve, usable } from './dialling.ts'
import { type Draft, draftOf, drop, retire } from './draft.ts'
import type { Effect } from './effect.ts'
import { ended, endingOf, goDown, restart, stop } from './ending.ts'
import type { Instant, MachineEvent, Vitals } from './event.ts'
import { HUNG_DIAL_MS, PING_EVERY_MS, ROTATE_WITHIN_MS } from './limits.ts'
import { calm, doubt, hasten, look, silence } from './liveness.ts'
import { awake, lookForQuiet, notRenewed, redial, renew, replace, rotate } from './renewing.ts'
import type { Rules } from './rules.ts'
import type { Dial, MachineState, Serving } from './state.ts'
import { draw, evident, hold, paused } from './waiting.ts'

/** The new state and what to do about it, in order. */
export type Step = readonly [state: MachineState, effects: readonly Effect[]]

/** One step of the machine. Pure: no clock, no chance, no I/O. It answers with the same state object when the event is not for it. */
export function transition(rules: Rules, before: MachineState, event: MachineEvent, at: Instant): Step {
  const t = draftOf(rules, before, at)
  return react(t, event) === false ? [before, []] : [t.after, t.effects]
}

/** What an event does to the draft; `false` when nothing. */
function react(t: Draft, event: MachineEvent): false | undefined {
  const { rules, before, after, effects, now } = t
  const { intent, serving, dial, wait, down, renewal } = before
  const { session } = after
  const running = intent === 'run'
  const due = (instant: number | null | undefined): boolean => instant != null && instant <= now
  /** The dial, if this is its report and it is in that phase. */
  const dialIn = (phase: Dial['phase']): Dial | null =>
    running && dial && dial.phase === phase && 'number' in event && dial.number === event.number ? dial : null
  /** A dial that is older than what the network can still be expected to deliver. */
  const hung = !serving && dial && now - dial.startedAt >= HUNG_DIAL_MS ? dial : null

  switch (event.type) {
    case 'start':
      // Once: after `closed` it is `reconnect`, which obeys the dial guard.
      if (intent !== 'closed' || before.connections) return false
      after.intent = 'run'
      after.retry.transport = event.transport ?? 0
      goDown(t)
      begin(t, 'first')
      return

    case 'reconnect':
      restart(t)
      return

    case 'retry-now':
      // A dial that hangs is a wait too; one that was only just made is what the app asks for.
      if (running && wait) hold(t, wait.purpose, now, 'app')
      else if (!running || hung) restart(t)
      else return false
      return

    case 'close': {
      if (!running) return false
      after.intent = 'closing'
      after.wait = after.down = after.renewal = null
      effects.push({ type: 'discard' })
      if (serving) {
        retire(t, dial)
        after.dial = null
        after.serving = { ...serving, stableAt: null, renewAt: null, agedAt: null, rotation: null, heart: null }
      }
      const live = serving ?? dial
      if (live && 'phase' in live && live.phase === 'authorizing') {
        // Nothing to be polite to: it ends in the next task.
        retire(t, live)
        after.dial = { ...live, deadlineAt: now }
      } else if (live) effects.push({ type: 'shut', number: live.number, code: event.code, reason: event.reason })
      return
    }

    case 'authorized': {
      const current = dialIn('authorizing')
      if (!current) return false
      if (rules.credentials && event.expiresAt !== undefined) receive(event.expiresAt, event.same)
      // A provider that hands out what has already expired has failed.
      if (usable(t)) connect(t, current)
      else ended(t, current, { origin: 'provider' })
      return
    }

    case 'connected': {
      const current = dialIn('connecting')
      if (!current) return false
      after.dial = { ...current, phase: 'greeting' }
      effects.push({ type: 'greet', number: current.number })
      return
    }

    case 'ready': {
      const current = dialIn('greeting')
      if (!current) return false
      serve(t, current, event.transport ?? current.transport)
      return
    }

    case 'ended': {
      const was = serving?.number === event.number ? serving : dial?.number === event.number ? dial : null
      if (!was) return false
      ended(t, was, event)
      return
    }

    case 'stirred':
      if (!running || serving?.number !== event.number || !serving.heart) return false
      // One that was not to be trusted speaks.
      if (serving.heart.sleptMs !== null) examine(serving, event.vitals)
      else return hasten(t, event.vitals)
      return

    case 'not-pinged':
      if (!running || serving?.number !== event.number || !serving.heart || !rules.life) return false
      after.serving = { ...serving, heart: { ...calm(t, event.vitals), lookAt: now + PING_EVERY_MS } }
      if (serving.heart.sleptMs) effects.push({ type: 'trust', number: serving.number })
      return

    case 'handover': {
      const { purpose, transport: better = 0 } = event
      const current = dial ?? wait
      if (!running || !serving || (current && (purpose !== 'replace' || current.purpose !== 'promote'))) return false
      if (purpose === 'promote') {
        if (better >= serving.transport) return false
        after.retry.better = better
      }
      if (!rules.overlaps && !current) {
        if (purpose === 'promote') after.retry.transport = better
        restart(t)
      } else if (purpose === 'replace') replace(t)
      else hold(t, purpose, now, 'policy')
      return
    }

    case 'fall-back': {
      const { transport } = event
      if (!running || serving || transport === before.retry.transport || transport >= rules.transports.length)
        return false
      after.retry.transport = transport
      drop(t, dial)
      after.dial = null
      const { purpose, until, notBefore } = wait ?? { purpose: dial?.purpose ?? 'recover', until: now, notBefore: now }
      // Back to a better one because nothing else works: there is no hurry.
      const at = transport > before.retry.transport ? now : (until ?? now)
      if (until !== null) hold(t, purpose, Math.max(at, notBefore), 'policy', notBefore)
      return
    }

    case 'renew':
      if (!rules.credentials) return false
      // Refused or expired is the worse news, and stays until a fresh one arrives.
      if (session.credential === 'held') session.credential = 'missing'
      if (!running) return
      redial(t)
      renew(t, true)
      return

    case 'renewed': {
      if (!rules.credentials) return false
      const { expiresAt } = session
      receive(event.expiresAt, event.same)
      after.renewal = null
      if (!running) return
      const latestAt = now + (expiresAt === null ? ROTATE_WITHIN_MS : Math.max(0, expiresAt - t.wall))
      // Nobody may be served what was meant for somebody else.
      if (serving && event.changed) restart(t, 'rotation')
      else {
        // The old credential is on its way in that dial: start over with the new one.
        if (dial && (event.changed || dial.phase === 'connecting')) redial(t)
        if (rules.rotates && !event.same) rotate(t, latestAt)
      }
      return
    }

    case 'not-renewed':
      if (!renewal) return false
      notRenewed(t)
      return

    case 'signed-out':
      if (!running || !rules.credentials) return false
      session.credential = 'missing'
      session.expiresAt = null
      retire(t, dial)
      retire(t, serving)
      stop(t, endingOf(t, serving ?? dial, { origin: 'client' }), 'signed-out')
      return

    case 'signal': {
      const { signal } = event
      const { page } = before
      const online = signal === 'online' || (page.online && signal !== 'offline')
      const frozen = signal === 'frozen' || (page.frozen && signal !== 'resumed')
      const hiddenSince = signal === 'visible' ? null : (page.hiddenSince ?? (signal === 'hidden' ? now : null))
      after.page = { online, frozen, hiddenSince }
      // Another network has other timeouts.
      if (signal === 'network-changed') after.lesson = null
      if (!running) return
      const cameBack = online && !page.online
      const released = wait?.until === null && !paused(t)
      const evidence = cameBack || released || ['woke', 'resumed', 'network-changed'].includes(signal)
      if (evidence || signal === 'visible') doubt(t, event.sleptMs ?? 0, event.vitals)
      if (evidence) {
        after.retry.evidenceAt = now
        awake(t)
      }
      if (evidence && hung) {
        drop(t, hung)
        ended(t, hung, { origin: 'network' })
      } else if (wait) {
        const { purpose, until, notBefore, by } = wait
        // Nothing to shorten where a policy or the app named the very moment.
        const shorten = evidence && until !== notBefore && (by === 'offline' || evident(t))
        if (released || paused(t) || shorten) draw(t, purpose, 'retry', null, notBefore)
        else hold(t, purpose, until ?? now, by, notBefore)
      }
      return
    }

    // Whatever is due, one thing at a time: the driver asks again as long as something is.
    case 'tick':
      if (!running) {
        if (intent === 'closed' || serving || (dial && !due(dial.deadlineAt))) return false
        retire(t, dial)
        stop(t, endingOf(t, dial), 'app')
      } else if (serving && due(serving.stableAt)) {
        after.serving = { ...serving, stableAt: null }
        forget(t)
      } else if (serving?.heart && due(serving.heart.lookAt)) {
        examine(serving, event.vitals, event.lateMs)
      } else if (dial && due(dial.deadlineAt)) {
        const fetching = dial.phase === 'authorizing'
        retire(t, dial)
        if (fetching) effects.push({ type: 'abandon' })
        ended(t, dial, { origin: fetching ? 'provider' : 'dial-timeout' })
      } else if (renewal && due(renewal.deadlineAt)) {
        // Before the dial that would wait for it.
        effects.push({ type: 'abandon' })
        notRenewed(t)
      } else if (serving && due(serving.renewAt)) {
        // What is fetched for that dial is fetched for the old credential.
        if (dial?.phase === 'authorizing') redial(t)
        renew(t, false)
      } else if (wait && due(wait.until)) {
        const by = paused(t)
        // What the app asked for does not wait for somebody to look, and neither does what replaces a connection.
        if (by === 'frozen' || (by && wait.by !== 'app' && wait.by !== 'rotation'))
          draw(t, wait.purpose, 'retry', null, wait.notBefore)
        else begin(t, wait.purpose)
      } else if (down && due(down.limitedAt)) {
        after.down = { ...down, limitedAt: null }
      } else if (serving && due(serving.agedAt)) {
        after.serving = { ...serving, agedAt: null }
        rotate(t, now + ROTATE_WITHIN_MS)
      } else if (serving?.rotation && due(serving.rotation.checkAt)) {
        lookForQuiet(t, event.traffic ?? -1)
      } else return false
  }

  function examine(was: Serving, vitals?: Vitals, lateMs?: number): void {
    if (!look(t, vitals, lateMs)) return
    retire(t, was)
    ended(t, was, { origin: 'heartbeat', silentMs: silence(t, was, vitals) })
  }

  function receive(expiresAt: number | null, same: boolean | undefined): void {
    hear(t, expiresAt, same)
    if (running && serving) after.serving = { ...serving, renewAt: renewalDue(t) }
  }
}
