import { assert } from 'vitest'
import { goesSilent, refuses } from '../../src/testing/index.ts'
import { journal, opened, type Proofs, thrownBy, times } from './proof.ts'

const CLOSING = 2
const CLOSED = 3
const MINUTE_MS = 60_000

export const closing: Proofs = {
  'refuses a close code as the platform does, and goes on as if nothing had been said': async trial => {
    const { server, advance } = trial
    const client = await opened(trial)
    const seen = journal(client)
    const thrown = thrownBy(() => client.close(1001))
    await advance(MINUTE_MS)
    const after = `${times(server.open.length, 'connection')} left open, ${times(seen.length, 'event')}`
    assert(thrown === 'InvalidAccessError', `close(1001) threw ${thrown}: ${after}`)
    server.latest.reset()
    await advance(MINUTE_MS)
    assert(server.open.length === 1, `close(1001) threw ${thrown}, and yet it did not come back after the next loss`)
  },

  'has one connection after reconnect(), whatever code it is given': async trial => {
    const client = await opened(trial)
    thrownBy(() => client.reconnect?.(1001))
    await trial.advance(MINUTE_MS)
    assert(trial.server.open.length === 1, `${trial.server.open.length} connections were open after reconnect(1001)`)
  },

  'fires no close event inside close()': async trial => {
    const client = await opened(trial)
    const seen = journal(client)
    client.close()
    assert(seen.length === 0, `${seen[0]?.type} was fired before close() returned`)
  },

  'is CLOSING until the server has answered': async trial => {
    const client = await opened(trial)
    client.close()
    assert(client.readyState === CLOSING, `readyState was ${client.readyState} when close() returned`)
  },

  'tells how a failed dial really ended': async ({ open, server, advance }) => {
    server.behaviour = refuses()
    const seen = journal(open())
    await advance(100)
    const close = seen.find(({ type }) => type === 'close')
    const told = `code ${close?.code}, wasClean ${close?.wasClean}`
    assert(told === 'code 1006, wasClean false', `a refused dial was told as ${told}`)
  },

  'fires error before close': async ({ open, server, advance }) => {
    server.behaviour = refuses()
    const seen = journal(open())
    await advance(100)
    const order = seen
      .slice(0, 2)
      .map(({ type }) => type)
      .join(', ')
    assert(order === 'error, close', `a refused dial was told as ${order}`)
  },

  'fires close for a close() right after the constructor': async ({ open, advance }) => {
    const client = open()
    const seen = journal(client)
    client.close()
    await advance(MINUTE_MS)
    const closes = seen.filter(({ type }) => type === 'close').length
    assert(closes === 1, `${times(closes, 'close event')} within a minute`)
  },

  'fires close for a close() while it waits for its next dial': async ({ open, server, advance }) => {
    server.behaviour = refuses()
    const client = open()
    const seen = journal(client)
    await advance(100)
    seen.length = 0
    client.close()
    await advance(MINUTE_MS)
    const closes = seen.filter(({ type }) => type === 'close').length
    assert(closes === 1, `${times(closes, 'close event')} within a minute`)
  },

  'is CLOSED after a close() right after the constructor': async ({ open, advance }) => {
    const client = open()
    client.close()
    await advance(MINUTE_MS)
    assert(client.readyState === CLOSED, `readyState was ${client.readyState} a minute after close()`)
  },

  'asks for no address after close()': async ({ open, server, advance }) => {
    let asked = 0
    const client = open({
      url: () => {
        asked++
        return 'wss://feed.example/live'
      },
    })
    await advance(100)
    server.behaviour = refuses()
    server.latest.reset()
    await advance(100)
    client.close()
    asked = 0
    await advance(MINUTE_MS)
    assert(asked === 0, `the url function was called ${asked === 1 ? 'once' : times(asked, 'time')} after close()`)
  },

  'stays closed when a connection that was found dead ends later': async ({ open, server, advance }) => {
    server.behaviour = goesSilent()
    const client = open({ heartbeat: true })
    await advance(30_000)
    client.close()
    const before = server.dials.length
    await advance(5 * MINUTE_MS)
    const after = server.dials.length - before
    assert(after === 0, `dialled ${after === 1 ? 'again' : times(after, 'time')} after close()`)
  },

  'stays connected when the user is asked whether to leave, and stays': async trial => {
    const client = await opened(trial)
    trial.page.askToLeave()
    await trial.advance(MINUTE_MS)
    assert(client.readyState === 1, `readyState was ${client.readyState} a minute later`)
  },
}
