import { ABNORMAL } from '../core/close-codes.ts'
import type { Ending } from '../core/disconnect.ts'
import type { FallBackReason } from '../core/event.ts'
import { STABLE_MS } from '../core/limits.ts'
import type { Answer } from '../core/rules.ts'
import type { MachineState } from '../core/state.ts'
import { PROTOCOL } from '../session/frames.ts'
import { BUFFERED, isFinal, isUnusable } from './http-end.ts'
import { isRecent, recall, remember } from './known-ways.ts'
import { Race } from './race.ts'
import type { Carrier, Degraded, DegradedReason, DialRequest, Ladder, LadderHost } from './transport.ts'

/** A transport that got through within a day is believed in longer: a server that restarts is no proxy that blocks. */
const PROVEN_FOR_MS = 86_400_000
/** What worked instead is begun with for half an hour: people move between networks, and not every platform tells. */
const WORKS_FOR_MS = 1_800_000
/** So many failures in a row… */
const FAILURES = 5
/** …over a minute, before a transport that once got through is given up: longer than a rolling deploy takes one instance. */
const FAILING_MS = 60_000
/** The better transport is looked for after half a minute… */
const CLIMB_MS = 30_000
/** …then after twice as long each time, to ten minutes: a proxy does not change its mind every second. */
const CLIMB_CAP_MS = 600_000
/** Spread: those who fell together do not climb together. */
const CLIMB_SPREAD = 0.2
/** Sooner, when the network is another one: within 2 s. */
const CLIMB_SOON_MS = 2_000
/** A climb counts when it lasted for a minute; before, a cut leads straight back. */
const CLIMBED_MS = 60_000
/** What a server does not offer it does not offer in a minute either. */
const ABSENT_MS = 600_000
/** A probe that takes longer says that nobody is there. */
const PROBE_MS = 10_000
/** The last way fails so often before the first one is tried again: nothing is known to work. */
const LAST_FAILURES = 2

/** Ends without a word of the server: only they say something about the way to it. */
const UNSPOKEN: readonly Ending['origin'][] = ['dial-failed', 'dial-timeout', 'network', 'heartbeat']

interface Failures {
  readonly count: number
  /** When the first of them began, monotonic ms. */
  readonly since: number
}

/** Decides between transports: when one is given up, and when a better one is looked for. */
class Deciding implements Ladder {
  readonly first: number
  readonly #host: LadderHost
  readonly #names: readonly string[]
  #request: DialRequest | undefined
  /** Of the transport that is dialled. */
  #failures: Failures | undefined
  #failing = 0
  /** Until when a transport is not worth trying, monotonic ms. */
  readonly #absent = new Map<number, number>()
  #probe: AbortController | undefined
  #why: DegradedReason = 'remembered'
  #climbMs = CLIMB_MS
  #climbAt = Infinity
  #climbs = 0
  /** The network has become another one since a better transport was last looked for. */
  #hinted = false
  /** The transport that served before a climb, until that has lasted. */
  #from: number | undefined
  /** The transport that served last. */
  #served = 0
  /** Those that got through in the life of this socket. */
  readonly #worked = new Set<number>()

  constructor(host: LadderHost) {
    this.#host = host
    this.#names = host.transports.map(({ name }) => name)
    const { works = '', worksAt = -Infinity } = recall(host.server)
    this.first = isRecent(worksAt, WORKS_FOR_MS, host.clock.wall()) ? Math.max(0, this.#names.indexOf(works)) : 0
  }

  get dueAt(): number {
    return this.#climbAt
  }

  get degraded(): Degraded | null {
    const { serving, dial } = this.#host.state
    if (!serving?.transport) return null
    const trying = this.#trying
    const next = this.#names[trying && dial ? dial.transport : this.#better(serving.transport)] ?? ''
    return { why: this.#why, next, nextAt: trying ? Infinity : this.#climbAt }
  }

  dial(request: DialRequest): Carrier {
    this.#request = request
    const { state, transports, clock } = this.#host
    const { transport: index = 0, purpose } = state.dial ?? {}
    const contenders = transports
      .map((transport, at) => ({ index: at, dial: () => transport.dial(request) }))
      .slice(index)
      .filter(each => each.index === index || !this.#isAbsent(each.index))
    const [first, ...rest] = contenders
    if (!first) throw new RangeError(`There is no transport ${index}.`)
    const speaks = [request.protocols].flat().includes(PROTOCOL)
    // What serves goes on: there is no hurry.
    const calm = purpose === 'promote' || purpose === 'replace'
    if (!speaks || calm || !rest.length) return first.dial()
    return new Race(first, rest, clock, !this.#proven(index))
  }

  decide({ transport, connection, origin, code, reason, openMs }: Ending): Answer | undefined {
    const { state } = this.#host
    const index = this.#names.indexOf(transport ?? '')
    const looking = state.serving && state.dial?.number === connection
    // The word of an event stream that has no more.
    if (index > 0 && isFinal({ code, reason })) return 'stop'
    if (index < 0 || code !== ABNORMAL || !UNSPOKEN.includes(origin)) return undefined
    const buffered = reason.startsWith(BUFFERED)
    if (isUnusable({ code, reason })) this.#avoid(index, buffered ? WORKS_FOR_MS : ABSENT_MS)
    if (looking) return undefined
    const stable = (openMs ?? 0) >= STABLE_MS
    if (this.#failing !== index || stable) this.#failures = undefined
    this.#failing = index
    if ((openMs ?? 0) >= CLIMBED_MS) this.#climbMs = CLIMB_MS
    const begun = this.#host.clock.now() - (stable ? 0 : (openMs ?? 0))
    const { count, since } = this.#failures ?? { count: 0, since: begun }
    this.#failures = { count: count + 1, since }
    const next = this.#next(index)
    if (this.#from !== undefined && index === 0 && (openMs ?? Infinity) < CLIMBED_MS) this.#fall(this.#from, 'failing')
    else if (this.#isAbsent(index) && next !== undefined) this.#fall(next, buffered ? 'buffered' : 'not-offered')
    else if (next !== undefined) void this.#look(index)
    else if (index > 0 && count + 1 >= LAST_FAILURES) this.#fall(0, 'exhausted')
    this.#from = undefined
    return undefined
  }

  observe({ event, effects, state }: Parameters<Ladder['observe']>[0]): void {
    for (const effect of effects) {
      if (effect.type === 'serve') this.#serves(state, event.type === 'ready' && event.transport !== undefined)
      // What was looked for was not there: later, then, unless the network has become another one meanwhile.
      if (effect.type !== 'disconnected' || effect.disconnect.next.type !== 'stay') continue
      if (this.#hinted) this.#soon()
      else this.#later()
    }
    if (event.type === 'signal' && (event.signal === 'network-changed' || event.signal === 'online')) {
      this.#failures = undefined
      this.#absent.clear()
      this.#climbMs = CLIMB_MS
      // The preferred one first.
      this.#climbs = 0
      this.#hinted = true
      if (state.serving?.transport) this.#soon()
    }
    if (!state.serving?.transport) this.#climbAt = Infinity
    if (state.intent !== 'run') this.#probe?.abort()
  }

  due(): void {
    const { clock, state, overlaps } = this.#host
    const served = state.serving?.transport ?? 0
    if (!served || this.#climbAt > clock.now()) return
    // Asked again then, whatever becomes of it. One that is under way says when it is over.
    this.#climbAt = clock.now() + CLIMB_CAP_MS
    if (this.#trying) return
    const better = this.#better(served)
    this.#climbs++
    this.#hinted = false
    if (overlaps) this.#climb(better)
    // There is nothing to try it beside: so it is asked first.
    else void this.#ask(better).then(answers => (answers === true ? this.#climb(better) : this.#later()))
  }

  #climb(transport: number): void {
    this.#host.dispatch({ type: 'handover', purpose: 'promote', transport })
    // Something else is under way.
    if (!this.#trying) this.#later()
  }

  get #trying(): boolean {
    return (this.#host.state.dial ?? this.#host.state.wait)?.purpose === 'promote'
  }

  #soon(): void {
    const { clock } = this.#host
    this.#climbAt = Math.min(this.#climbAt, clock.now() + clock.roll() * CLIMB_SOON_MS)
  }

  #later(): void {
    this.#slower()
    this.#arm()
  }

  #slower(): void {
    this.#climbMs = Math.min(this.#climbMs * 2, CLIMB_CAP_MS)
  }

  #arm(): void {
    const { clock, state } = this.#host
    const spread = 1 + CLIMB_SPREAD * (2 * clock.roll() - 1)
    this.#climbAt = state.serving?.transport ? clock.now() + this.#climbMs * spread : Infinity
    this.#host.moved()
  }

  #serves({ serving }: MachineState, raced: boolean): void {
    const { server, clock } = this.#host
    const index = serving?.transport ?? 0
    if (raced) this.#why = 'silent'
    this.#from = index === 0 && this.#served > 0 ? this.#served : undefined
    this.#served = index
    this.#worked.add(index)
    if (index === 0) {
      remember(server, { provenAt: clock.wall() })
      return
    }
    const known = recall(server)
    const works = this.#names[index] ?? ''
    // Written once, so that half an hour is half an hour.
    if (this.#why !== 'remembered' && known.works !== works)
      remember(server, { ...known, works, worksAt: clock.wall() })
    this.#arm()
  }

  /** The better transport that is tried next: mostly the preferred one, in between one that is only a little better. */
  #better(served: number): number {
    const better = this.#names.map((_, index) => index).slice(0, served)
    const worth = better.filter(index => index === 0 || !this.#isAbsent(index))
    return worth[this.#climbs % worth.length] ?? 0
  }

  /** It got through before: the preferred one within a day, another one in the life of this socket. */
  #proven(index: number): boolean {
    if (index > 0) return this.#worked.has(index)
    const { provenAt = -Infinity } = recall(this.#host.server)
    return isRecent(provenAt, PROVEN_FOR_MS, this.#host.clock.wall())
  }

  #isAbsent(index: number): boolean {
    return (this.#absent.get(index) ?? -Infinity) > this.#host.clock.now()
  }

  #avoid(index: number, ms: number): void {
    this.#absent.set(index, this.#host.clock.now() + ms)
  }

  #next(index: number): number | undefined {
    return this.#names.map((_, at) => at).find(at => at > index && !this.#isAbsent(at))
  }

  #fall(transport: number, why: FallBackReason): void {
    const to = this.#names[transport] ?? ''
    this.#why = why
    this.#failures = undefined
    if (transport > 0 && this.#from !== undefined) this.#slower()
    this.#host.dispatch({ type: 'fall-back', transport, to, why })
  }

  /** Looks whether the server answers another way: only then it is the way that fails, and not the network or the server. */
  async #look(index: number): Promise<void> {
    if (this.#probe) return
    const next = this.#next(index)
    if (next === undefined || !this.#host.state.page.online) return
    const answers = await this.#ask(next)
    const { serving, retry, intent } = this.#host.state
    if (intent !== 'run' || serving || retry.transport !== index) return
    if (answers === false) {
      this.#avoid(next, ABSENT_MS)
      await this.#look(index)
      return
    }
    const { count, since } = this.#failures ?? { count: 0, since: Infinity }
    const failing = count >= FAILURES && this.#host.clock.now() - since >= FAILING_MS
    if (answers && !this.#proven(index)) this.#fall(next, 'blocked')
    else if (answers !== undefined && failing) this.#fall(next, 'failing')
  }

  /** Whether that transport is answered; `null` when it cannot be asked, `undefined` when nobody is there. */
  async #ask(index: number): Promise<boolean | null | undefined> {
    const transport = this.#host.transports[index]
    if (!this.#request || this.#probe) return undefined
    if (!transport?.probe) return null
    const { clock } = this.#host
    const probe = new AbortController()
    this.#probe = probe
    const cancel = clock.schedule(clock.now() + PROBE_MS, () => probe.abort())
    try {
      return await transport.probe(this.#request, probe.signal)
    } catch {
      return undefined
    } finally {
      cancel()
      this.#probe = undefined
    }
  }
}

/**
 * Decides between the transports of a socket: WebSocket as long as it gets through, what works where it does not, and
 * back as soon as it does. For the field `ladder` of a transport of your own; those of Holdfast bring it.
 */
export function ladder(host: LadderHost): Ladder {
  return new Deciding(host)
}
