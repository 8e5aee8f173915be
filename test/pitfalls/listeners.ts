import { assert } from 'vitest'
import { accepts, refuses, sequence } from '../../src/testing/index.ts'
import { journal, opened, type Proofs, times } from './proof.ts'
import type { Seen } from './subject.ts'

const MINUTE_MS = 60_000

/** Whether that is what the app threw, or a report of it. */
function isOfTheApp(error: unknown): boolean {
  return error instanceof Error && (error.message === 'a bug of the app' || isOfTheApp(error.cause))
}

/** What the app throws is told to the page, and is no concern of these tests. */
function forgive(uncaught: unknown[]): void {
  uncaught.splice(0, Infinity, ...uncaught.filter(error => !isOfTheApp(error)))
}

function bug(): never {
  throw new Error('a bug of the app')
}

export const listeners: Proofs = {
  'calls the other listeners when one of them throws': async trial => {
    const client = await opened(trial)
    const heard: Seen[] = []
    client.listen?.('message', bug)
    client.listen?.('message', event => heard.push(event))
    trial.server.latest.send('hello')
    await trial.advance(1_000)
    forgive(trial.uncaught)
    assert(heard.length === 1, 'the second listener heard nothing, because the first one threw')
  },

  'calls the listeners when a handler attribute throws': async ({ socket, server, advance, uncaught }) => {
    const made = socket()
    const heard: Event[] = []
    made.onmessage = bug
    made.addEventListener('message', event => heard.push(event))
    await advance(100)
    server.latest.send('hello')
    await advance(1_000)
    forgive(uncaught)
    assert(heard.length === 1, 'the listener heard nothing, because onmessage threw')
  },

  'reconnects when a close listener throws': async trial => {
    const client = await opened(trial)
    client.listen?.('close', bug)
    trial.server.latest.reset()
    await trial.advance(MINUTE_MS)
    forgive(trial.uncaught)
    const dials = trial.server.dials.length
    assert(dials === 2, `${times(dials, 'dial')} in a minute after the loss`)
  },

  'keeps a listener that was added inside another': async trial => {
    const client = await opened(trial)
    let heard = 0
    let added = false
    client.listen?.('message', () => {
      if (!added) client.listen?.('message', () => heard++)
      added = true
    })
    for (const message of ['one', 'two']) trial.server.latest.send(message)
    await trial.advance(1_000)
    assert(heard === 1, `the listener that was added at the first message heard ${heard} of the second`)
  },

  'lets go of a listener that was removed inside another': async trial => {
    const client = await opened(trial)
    let heard = 0
    const removed = (): unknown => heard++
    client.listen?.('message', () => client.unlisten?.('message', removed))
    client.listen?.('message', removed)
    for (const message of ['one', 'two', 'three']) trial.server.latest.send(message)
    await trial.advance(1_000)
    assert(heard === 0, `the listener that was removed heard ${times(heard, 'message')}`)
  },

  'reconnects when the close policy throws': async trial => {
    const client = trial.open({ stopOn: bug })
    const seen = journal(client)
    await trial.advance(1_000)
    trial.server.latest.reset()
    await trial.advance(MINUTE_MS)
    forgive(trial.uncaught)
    const closes = seen.filter(({ type }) => type === 'close').length
    const dials = trial.server.dials.length
    assert(dials === 2, `${times(dials, 'dial')} and ${times(closes, 'close event')} in a minute after the loss`)
  },

  'asks the close policy about codes of the server, not about its own': async ({ open, server, advance }) => {
    server.behaviour = sequence(refuses(), accepts())
    open({ stopOn: code => code === 1000 })
    await advance(MINUTE_MS)
    const dials = server.dials.length
    assert(dials === 2, `${times(dials, 'dial')} where 1000 ends it and no server had said 1000`)
  },

  'calls the other handlers of a lifecycle event when one throws, and lets one go': async ({
    open,
    advance,
    uncaught,
  }) => {
    const client = open()
    let heard = 0
    const undo = client.on?.(() => heard++)
    client.on?.(bug)
    client.on?.(() => heard++)
    await advance(1_000)
    forgive(uncaught)
    const both = typeof undo === 'function' && heard > 1 && heard % 2 === 0
    assert(
      both,
      `on() returned ${typeof undo}, and ${heard % 2 ? 'the handler after one that threw was not called' : 'all handlers were called'}`,
    )
  },
}
