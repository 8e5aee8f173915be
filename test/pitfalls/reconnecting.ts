import { assert } from 'vitest'
import { accepts, closes, hangs, refuses, sequence } from '../../src/testing/index.ts'
import { gaps } from '../scenarios/story.ts'
import { dropAll, mostWithin, opened, type Proof, type Proofs, type Trial, times } from './proof.ts'
import { URL_OF_SERVER } from './subject.ts'

const CROWD = 20
const CLOSED = 3
const MINUTE_MS = 60_000
/** The dial guard. */
const MOST_IN_10_S = 6

/** A server that accepts and closes, for 10 s or until that is too much. */
const hammered =
  (code: number): Proof =>
  async ({ open, server, advance }) => {
    server.behaviour = closes({ code })
    open()
    for (let second = 1; second <= 10; second++) {
      await advance(1_000)
      const dials = server.dials.length
      assert(dials <= MOST_IN_10_S, `dialled ${dials} times in ${times(second, 'second')}`)
    }
  }

/** When a crowd dials again, in ms since all of it lost its connections in one moment. */
async function crowdAfterLoss(trial: Trial): Promise<readonly number[]> {
  for (let n = 0; n < CROWD; n++) await opened(trial)
  await trial.advance(15_000)
  const lost = performance.now()
  if (dropAll(trial).length !== CROWD) throw new Error('Not all of them were connected.')
  await trial.advance(MINUTE_MS)
  return trial.server.dials.slice(CROWD).map(({ at }) => at - lost)
}

/** When each of two clients dialled a server that refused for 5 min. */
async function dialsOfTwo({ open, server, advance }: Trial): Promise<readonly (readonly number[])[]> {
  server.behaviour = refuses()
  for (const path of ['one', 'two']) open({ url: `wss://feed.example/${path}` })
  await advance(5 * MINUTE_MS)
  return ['one', 'two'].map(path =>
    server.dials.filter(({ url }) => url.endsWith(path)).map(({ at }) => Math.round(at)),
  )
}

export const reconnecting: Proofs = {
  'is gentle with a server that accepts and closes': hammered(1012),

  'is gentle with a server that accepts and closes with 1000': hammered(1000),

  'draws the wait anew at the cap, too': async ({ open, server, advance }) => {
    server.behaviour = refuses()
    open()
    await advance(5 * MINUTE_MS)
    const waits = gaps(server.dials.map(({ at }) => at)).slice(-5)
    const different = new Set(waits.map(ms => Math.round(ms / 100))).size
    assert(
      different > 1,
      `the last ${waits.length} waits of five minutes were ${Math.round((waits[0] ?? 0) / 100) / 10} s each`,
    )
  },

  'draws the wait anew for each socket of a page': async trial => {
    const [one = [], two = []] = await dialsOfTwo(trial)
    const together = one.filter(at => two.includes(at)).length
    assert(
      together <= one.length / 4,
      `two sockets of a page dialled in the same millisecond ${together === one.length ? 'every time' : `${together} times`}`,
    )
  },

  'spreads a crowd that lost its connections in the same moment': async trial => {
    const most = mostWithin(100, await crowdAfterLoss(trial))
    assert(most <= CROWD / 4, `${most} of ${CROWD} clients dialled within the same 100 ms`)
  },

  'waits before its first retry': async trial => {
    const soon = (await crowdAfterLoss(trial)).filter(at => at < 500).length
    assert(soon <= CROWD / 2, `${soon} of ${CROWD} clients dialled within 500 ms of the loss`)
  },

  'spreads a crowd that comes back online': async trial => {
    const { open, server, page, advance } = trial
    for (let n = 0; n < CROWD; n++) open()
    await advance(MINUTE_MS)
    page.online(false)
    server.behaviour = refuses()
    dropAll(trial)
    await advance(MINUTE_MS)
    server.behaviour = accepts()
    const before = server.dials.length
    page.online(true)
    await advance(1_000)
    const most = mostWithin(
      50,
      server.dials.slice(before).map(({ at }) => at),
    )
    assert(server.dials.length > before, 'nobody dialled within a second')
    assert(most <= CROWD / 2, `${most} of ${CROWD} clients dialled within the same 50 ms`)
  },

  'keeps to the attempts it was given, however fast it retries': async ({ open, server, advance }) => {
    server.behaviour = refuses()
    open({ maxAttempts: 3, instantly: true })
    await advance(1_500)
    const dials = server.dials.length
    assert(dials <= 4, `dialled ${times(dials, 'time')} in 1.5 s where three retries were allowed`)
  },

  'goes on after an address that could not be fetched': async ({ open, server, advance, uncaught }) => {
    let asked = 0
    const client = open({
      url: async () => {
        if (++asked === 1) throw new Error('503')
        return URL_OF_SERVER
      },
    })
    await advance(5 * MINUTE_MS)
    // Told to the app by Holdfast; of the others it is nobody's.
    uncaught.length = 0
    assert(
      client.readyState === 1,
      `readyState ${client.readyState} and ${times(server.dials.length, 'dial')} five minutes after one rejection`,
    )
  },

  'goes on after an address that never came': async ({ open, server, advance }) => {
    let asked = 0
    const client = open({ url: () => (++asked === 1 ? new Promise<string>(() => {}) : URL_OF_SERVER) })
    await advance(5 * MINUTE_MS)
    assert(
      client.readyState === 1,
      `readyState ${client.readyState} and ${times(server.dials.length, 'dial')} after five minutes`,
    )
  },

  'reconnects by hand after it has given up': async ({ open, server, advance }) => {
    server.behaviour = refuses()
    const client = open({ maxAttempts: 2 })
    await advance(5 * MINUTE_MS)
    server.behaviour = accepts()
    client.reconnect?.()
    await advance(MINUTE_MS)
    assert(client.readyState === 1, `readyState was ${client.readyState} a minute after reconnect()`)
  },

  'shows that it has given up': async ({ open, server, advance }) => {
    server.behaviour = refuses()
    const client = open({ maxAttempts: 2 })
    await advance(100)
    const waiting = client.readyState
    await advance(5 * MINUTE_MS)
    const over = client.readyState
    assert(over === CLOSED && waiting !== over, `readyState was ${waiting} between attempts and ${over} after the last`)
  },

  'abandons a dial that hangs before it makes another': async ({ open, server, advance }) => {
    server.behaviour = hangs()
    open()
    await advance(MINUTE_MS)
    const unanswered = Math.max(...server.dials.map(({ unanswered }) => unanswered))
    assert(server.dials.length > 1, 'it waits for the first dial for ever')
    assert(unanswered === 0, `${times(unanswered, 'dial')} still hung when another was made`)
  },

  'forgets the timer of a dial that failed': async ({ open, server, advance }) => {
    server.behaviour = sequence(refuses(), accepts())
    open()
    await advance(MINUTE_MS)
    const dials = server.dials.length
    assert(dials === 2, `${times(dials, 'dial')} where the second one had opened`)
  },

  'goes on when its very first dial fails': async ({ open, server, advance }) => {
    server.behaviour = sequence(refuses(), accepts())
    const client = open()
    await advance(MINUTE_MS)
    assert(client.readyState === 1, `${times(server.dials.length, 'dial')} in a minute`)
  },
}
