import type { Carrier, DialRequest, Transport } from '../transports/transport.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** A transport with a server whose behaviour a check decides. Made anew for each check. */
export interface TransportUnderTest {
  readonly transport: Transport
  /** With `clock` in it. */
  readonly request: DialRequest
  readonly clock: VirtualClock
  /** What the server says: the nth message, as it reaches the app. */
  message(n: number): string
  /** What the app sends: the nth message, as the server hears it. */
  sent(n: number): string
  /** Said by the app when the carrier has opened, where the server waits for that. */
  greet?(carrier: Carrier): void
  readonly server: {
    /** Everything that {@link sent} made, in the order in which it arrived. */
    readonly received: readonly string[]
    say(message: string): void
    /** Ends the connection, with a code and a reason. */
    close(code: number, reason: string): void
    /** The connection breaks. */
    reset(): void
    /** Every dial from now on fails. */
    refuse(): void
  }
}

/** One promise of a carrier. */
export interface TransportCheck {
  readonly name: string
  /** Returns when it is kept. @throws (rejects) Error with what was found instead */
  run(make: () => TransportUnderTest): Promise<void>
}

/** What a carrier reported, and where it stood then. */
class Observed {
  readonly events: string[] = []
  readonly messages: unknown[] = []
  readonly carrier: Carrier
  readonly it: TransportUnderTest

  constructor(it: TransportUnderTest) {
    this.it = it
    this.carrier = it.transport.dial(it.request)
    const { carrier, events, messages } = this
    carrier.onopen = () => events.push(`open in ${carrier.readyState}`)
    carrier.onmessage = ({ data }) => {
      if (!this.#greeting) messages.push(data)
    }
    carrier.onerror = () => events.push('error')
    carrier.onclose = ({ code, reason, wasClean }) =>
      events.push(
        `close in ${carrier.readyState}: ${code} ${JSON.stringify(reason)} ${wasClean ? 'clean' : 'not clean'}`,
      )
  }

  #greeting = false

  /** Open, greeted, and nothing under way. */
  async opened(): Promise<this> {
    const { clock } = this.it
    this.#greeting = true
    await clock.advance(100)
    this.it.greet?.(this.carrier)
    await clock.advance(1_000)
    this.#greeting = false
    expect('events once it is open', this.events, ['open in 1'])
    this.events.length = 0
    return this
  }

  /** Waits, and compares. */
  async reports(what: string, events: readonly string[], ms = 5_000): Promise<void> {
    await this.it.clock.advance(ms)
    expect(what, this.events, events)
  }
}

function expect(what: string, found: unknown, wanted: unknown): void {
  const [is, be] = [JSON.stringify(found), JSON.stringify(wanted)]
  if (is !== be) throw new Error(`Expected ${what} to be ${be}, got ${is}.`)
}

/** The name of what is thrown; `nothing` where nothing is. */
function thrownBy(fn: () => void): string {
  try {
    fn()
    return 'nothing'
  } catch (cause) {
    return cause instanceof DOMException || cause instanceof Error ? cause.name : typeof cause
  }
}

const CHECKS: Readonly<Record<string, (make: () => TransportUnderTest) => Promise<void>>> = {
  async 'is connecting when it is returned, and has reported nothing'(make) {
    const { carrier, events } = new Observed(make())
    expect('readyState', carrier.readyState, 0)
    expect('events', events, [])
  },
  async 'refuses messages while it is connecting'(make) {
    const { carrier, it } = new Observed(make())
    if (!carrier.readOnly)
      expect(
        'what send() throws',
        thrownBy(() => carrier.send(it.sent(1))),
        'InvalidStateError',
      )
  },
  async 'opens once, and is open then'(make) {
    const seen = await new Observed(make()).opened()
    await seen.reports('events', [], 1_000)
    expect('readyState', seen.carrier.readyState, 1)
  },
  async 'passes up what the server says, in order'(make) {
    const { it, messages } = await new Observed(make()).opened()
    const all = Array.from({ length: 50 }, (_, n) => it.message(n))
    for (const message of all) it.server.say(message)
    await it.clock.advance(1_000)
    expect('messages', messages, all)
  },
  async 'sends what it is given, in order, and then nothing waits'(make) {
    const { it, carrier } = await new Observed(make()).opened()
    if (carrier.readOnly) return
    const all = Array.from({ length: 50 }, (_, n) => it.sent(n))
    for (const message of all) carrier.send(message)
    if (!(carrier.bufferedAmount > 0)) throw new Error('Expected `bufferedAmount` to count what was sent in this task.')
    await it.clock.advance(1_000)
    expect('what the server received', it.server.received, all)
    expect('bufferedAmount', carrier.bufferedAmount, 0)
  },
  async 'says in a later task that it was closed, with the code and the reason that it was given'(make) {
    const seen = await new Observed(make()).opened()
    seen.carrier.close(4321, 'done')
    expect('readyState after close()', seen.carrier.readyState, 2)
    expect('events in the task of close()', seen.events, [])
    await seen.reports('events', ['close in 3: 4321 "done" clean'])
  },
  async 'closes without a code as 1005'(make) {
    const seen = await new Observed(make()).opened()
    seen.carrier.close()
    await seen.reports('events', ['close in 3: 1005 "" clean'])
  },
  async 'lets what was sent before close() go out'(make) {
    const { it, carrier } = await new Observed(make()).opened()
    if (carrier.readOnly) return
    carrier.send(it.sent(1))
    carrier.close()
    await it.clock.advance(5_000)
    expect('what the server received', it.server.received, [it.sent(1)])
  },
  async 'passes up nothing any more once close() was called'(make) {
    const { it, carrier, messages } = await new Observed(make()).opened()
    it.server.say(it.message(1))
    carrier.close()
    await it.clock.advance(5_000)
    expect('messages', messages, [])
  },
  async 'takes close() while it is connecting for a failure'(make) {
    const seen = new Observed(make())
    seen.carrier.close()
    expect('readyState after close()', seen.carrier.readyState, 2)
    expect('events in the task of close()', seen.events, [])
    await seen.reports('events', ['error', 'close in 3: 1006 "" not clean'])
  },
  async 'closes once'(make) {
    const seen = await new Observed(make()).opened()
    seen.carrier.close(4000)
    seen.carrier.close(4001)
    await seen.it.clock.advance(5_000)
    seen.carrier.close(4002)
    await seen.reports('events', ['close in 3: 4000 "" clean'])
  },
  async 'drops what is sent after the end, without a word'(make) {
    const { it, carrier } = await new Observed(make()).opened()
    carrier.close()
    await it.clock.advance(5_000)
    const before = it.server.received.length
    expect(
      'what send() throws',
      thrownBy(() => carrier.send(it.sent(1))),
      'nothing',
    )
    await it.clock.advance(5_000)
    expect('messages that arrived', it.server.received.length - before, 0)
  },
  async 'refuses close codes and reasons that a WebSocket refuses'(make) {
    const { carrier } = await new Observed(make()).opened()
    for (const code of [0, 999, 1001, 1006, 2999, 5000]) {
      expect(
        `what close(${code}) throws`,
        thrownBy(() => carrier.close(code)),
        'InvalidAccessError',
      )
    }
    expect(
      'what close() throws for 124 bytes',
      thrownBy(() => carrier.close(1000, 'é'.repeat(62))),
      'SyntaxError',
    )
    expect('readyState', carrier.readyState, 1)
  },
  async 'ends with the code and the reason of the server'(make) {
    const seen = await new Observed(make()).opened()
    seen.it.server.close(4201, 'expired')
    await seen.reports('events', ['close in 3: 4201 "expired" clean'])
  },
  async 'passes up what the server said before it closed'(make) {
    const { it, messages } = await new Observed(make()).opened()
    it.server.say(it.message(1))
    it.server.close(4000, '')
    await it.clock.advance(5_000)
    expect('messages', messages, [it.message(1)])
  },
  async 'calls a connection that broke 1006, not clean, without an error event'(make) {
    const seen = await new Observed(make()).opened()
    seen.it.server.reset()
    await seen.it.clock.advance(60_000)
    const events = seen.events.map(event => event.replace(/1006 ".*"/, '1006'))
    expect('events', events, ['close in 3: 1006 not clean'])
  },
  async 'reports a dial that failed as an error and a close that is not clean'(make) {
    const it = make()
    it.server.refuse()
    const { carrier, events } = new Observed(it)
    await it.clock.advance(100)
    if (carrier.readyState === 1) it.greet?.(carrier)
    await it.clock.advance(60_000)
    const ends = events.filter(event => !event.startsWith('open')).map(event => event.replace(/\d{4} ".*"/, 'code'))
    expect('events', ends, ['error', 'close in 3: code not clean'])
  },
  async 'leaves no timer behind'(make) {
    for (const end of ['client', 'server', 'network'] as const) {
      const { it, carrier } = await new Observed(make()).opened()
      if (end === 'client') carrier.close()
      else if (end === 'server') it.server.close(1000, '')
      else it.server.reset()
      await it.clock.advance(120_000)
      expect(`timers after the end by the ${end}`, it.clock.timers, 0)
    }
  },
}

/**
 * What Holdfast relies on in every carrier, as checks for the test runner of your choice: one test for each, with a
 * function that makes the transport and a server for it. docs/write-a-transport.md shows how.
 */
export const transportChecks: readonly TransportCheck[] = Object.entries(CHECKS).map(([name, run]) => ({ name, run }))
