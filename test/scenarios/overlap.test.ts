import { describe, expect, it } from 'vitest'
import { accepts, refuses, type ScriptedConnection, sequence } from '../../src/testing/index.ts'
import { dedupe, feed, idsIn, resume, upTo } from './feed.ts'
import { deferred } from './hooked.ts'
import { expectNothingLeft, openStory, type Setting, type Story } from './story.ts'

const AGE_MS = 100_000
/** Where chance is a steady 0.5. */
const REPLACED_MS = 90_000
const OVERLAP_MS = 5_000

/** A socket whose connections may overlap, and are replaced at that age. */
function overlapping({ options, ...setting }: Setting = {}): Promise<Story> {
  return openStory({ ...setting, options: { maxAgeMs: AGE_MS, dedupe, ...options } })
}

const says = (connection: ScriptedConnection | undefined, id: number): void => connection?.send(JSON.stringify({ id }))

/** Another address for every dial. */
function numbered(): () => string {
  let dials = 0
  return () => `wss://feed.example/${++dials}`
}

/** Ready at once on the first connection, and on the others when that is. */
function butTheFirst(gate: Promise<void>): () => Promise<void> | undefined {
  let calls = 0
  return () => (calls++ ? gate : undefined)
}

describe('a connection that is replaced where messages have keys', () => {
  it('serves until the next one is ready: no close, no open, and the state never leaves open', async () => {
    const { clock, server, socket, journal, statuses, records } = await overlapping()
    const handovers: number[] = []
    socket.on('handover', ({ connection }) => handovers.push(connection))
    await clock.advance(REPLACED_MS + 1)
    expect([journal, handovers, server.dials.length]).toEqual([[], [2], 2])
    expect(statuses.map(({ state }) => state)).toEqual(statuses.map(() => 'open'))
    expect(records.slice(3).every(({ to }) => to === 'open')).toBe(true)
    expect(socket.readyState).toBe(1)
  })

  it('is open to whoever looks in the middle of it', async () => {
    const { clock, socket } = await overlapping()
    const seen: unknown[] = []
    socket.on('transition', ({ to }) => seen.push([to, socket.readyState]))
    await clock.advance(REPLACED_MS + OVERLAP_MS)
    expect(seen.length).toBeGreaterThan(3)
    expect(seen).toEqual(seen.map(() => ['open', 1]))
  })

  it('is not waited for to be quiet', async () => {
    const { clock, server, dialTimes } = await overlapping()
    await clock.advance(REPLACED_MS - 1_000)
    for (let turn = 0; turn < 20; turn++) {
      says(server.connections[0], turn)
      await clock.advance(100)
    }
    expect(dialTimes()).toEqual([0, REPLACED_MS])
  })

  it('is listened to for 5 s more, and is closed then', async () => {
    const { clock, server, socket, journal } = await overlapping()
    await clock.advance(REPLACED_MS + OVERLAP_MS - 1)
    expect(server.open).toHaveLength(2)
    says(server.connections[0], 1)
    await clock.advance(0)
    expect(journal).toEqual(['message {"id":1}'])
    await clock.advance(1)
    expect([server.open, server.connections[0]?.closedByClient]).toEqual([
      [server.connections[1]],
      { code: 1005, reason: '' },
    ])
    expect([journal.length, socket.readyState]).toEqual([1, 1])
  })

  it('is there for those who joined on it, until it is closed', async () => {
    const { clock, server, socket } = await overlapping()
    const signals: AbortSignal[] = []
    socket.subscribe('feed', { join: ({ signal }) => void signals.push(signal) })
    await clock.advance(REPLACED_MS + OVERLAP_MS - 1)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false])
    // Whatever the server makes of its end.
    server.connections[0]?.goSilent()
    await clock.advance(1)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
  })

  it('takes no messages any more: the next one does', async () => {
    const { clock, server, socket } = await overlapping()
    socket.send('a')
    socket.on('handover', () => socket.send('c'))
    await clock.advance(REPLACED_MS - 1)
    socket.send('b')
    await clock.advance(2)
    socket.send('d')
    await clock.advance(0)
    expect(server.connections.map(({ received }) => received)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
  })

  it('loses and doubles nothing that is sent while the step is told', async () => {
    const { clock, server, socket } = await overlapping()
    let sent = 0
    socket.on('transition', () => socket.send(`${sent++}`))
    await clock.advance(REPLACED_MS + OVERLAP_MS + 1)
    const received = server.received.map(Number).sort((a, b) => a - b)
    expect(received).toEqual(upTo(sent).map(id => id - 1))
    expect(sent).toBeGreaterThan(3)
  })

  it('delivers what came by both once', async () => {
    const { clock, server, journal } = await overlapping()
    await clock.advance(REPLACED_MS + 1)
    for (const connection of server.open) says(connection, 1)
    await clock.advance(10)
    for (const connection of [...server.open].reverse()) says(connection, 2)
    await clock.advance(10)
    expect(idsIn(journal)).toEqual([1, 2])
  })

  it('shows the url and the protocol of the next one from then on', async () => {
    const { clock, socket } = await overlapping({
      url: numbered(),
      protocols: ['v1'],
    })
    await clock.advance(REPLACED_MS - 1)
    expect(socket.url).toBe('wss://feed.example/1')
    await clock.advance(2)
    expect([socket.url, socket.protocol]).toEqual(['wss://feed.example/2', 'v1'])
  })

  it('goes back to the first endpoint, and on to the next when that fails', async () => {
    const urls = ['wss://a.example/', 'wss://b.example/']
    const { clock, server } = await overlapping({
      url: urls,
      behaviour: sequence(accepts(), accepts(), refuses(), accepts()),
    })
    const dialled = (): readonly string[] => server.dials.map(({ url }) => new URL(url).hostname)
    await clock.advance(1_000)
    server.latest.reset()
    await clock.advance(3_000)
    expect(dialled()).toEqual(['a.example', 'b.example'])
    await clock.advance(REPLACED_MS + 10_000)
    expect(dialled()).toEqual(['a.example', 'b.example', 'a.example', 'b.example'])
    expect(server.open).toEqual([server.connections[3]])
  })

  it('is replaced again and again, and two are open only for the overlap', async () => {
    const { clock, server, live } = await overlapping()
    await clock.advance(10 * REPLACED_MS + OVERLAP_MS + 1_000)
    expect([server.dials.length, live(), server.open]).toEqual([11, 1, [server.latest]])
  })

  it('gives bytes as binaryType says, as the next one does, whenever that was set', async () => {
    const gate = deferred()
    const { clock, server, socket } = await overlapping({
      options: { beforeOpen: butTheFirst(gate.promise), dedupe: { keyOf: () => undefined } },
    })
    const kinds: string[] = []
    socket.onmessage = ({ data }) => kinds.push(Object.prototype.toString.call(data))
    await clock.advance(REPLACED_MS + 1)
    socket.binaryType = 'arraybuffer'
    gate.resolve()
    await clock.advance(1)
    const sayBytes = async (): Promise<void> => {
      for (const connection of server.open) connection.send(new Uint8Array([1]))
      await clock.advance(1)
    }
    await sayBytes()
    socket.binaryType = 'blob'
    await sayBytes()
    const [buffer, blob] = ['[object ArrayBuffer]', '[object Blob]']
    expect(kinds).toEqual([buffer, buffer, blob, blob])
  })

  it('is watched on: its heartbeat is that of the connection that serves', async () => {
    const pinged: unknown[] = []
    const { clock, journal } = await overlapping({
      options: {
        heartbeat: {
          judge: ({ silentMs, askedMs }) =>
            askedMs !== null && askedMs >= 5_000
              ? { type: 'dead' }
              : silentMs >= 15_000
                ? { type: 'ping', ms: 5_000 }
                : { type: 'wait', ms: 15_000 - silentMs },
          message: () => 'ping',
          isPong: ({ data }) => data === 'pong',
        },
      },
      behaviour: connection => {
        connection.accept()
        connection.heard(message => {
          pinged.push([connection.dial.number, message])
          if (connection.dial.number === 1) connection.send('pong')
        })
      },
    })
    await clock.advance(REPLACED_MS)
    expect(new Set(pinged.map(each => JSON.stringify(each)))).toEqual(new Set(['[1,"ping"]']))
    await clock.advance(25_000)
    expect(journal[0]).toBe('close 1006')
    expect(pinged.at(-1)).toEqual([2, 'ping'])
  })
})

describe('a replacement that does not come up', () => {
  it('is tried again with backoff, and nobody is told: the old one serves', async () => {
    const { clock, server, journal, socket } = await overlapping({
      behaviour: sequence(accepts(), refuses(), refuses(), accepts()),
    })
    await clock.advance(REPLACED_MS + 20_000)
    expect([journal, server.dials.length, server.open]).toEqual([[], 4, [server.connections[3]]])
    expect(socket.status).toMatchObject({ state: 'open', cause: null })
  })

  it('because `resume.since` failed is closed, and tried again', async () => {
    let asked = 0
    const { clock, server, journal, problems } = await overlapping({
      options: {
        resume: {
          cursorOf: () => undefined,
          since: () => {
            if (asked++ === 0) throw new Error('not yet')
          },
        },
      },
    })
    await clock.advance(REPLACED_MS + 20_000)
    expect(problems).toMatchObject([{ code: 'ERR_HOOK', message: expect.stringContaining('`resume.since`') }])
    expect([journal, asked, server.open]).toEqual([[], 2, [server.connections[2]]])
  })

  it('recovers when the old one is lost meanwhile, and shows its own attributes', async () => {
    const gate = deferred()
    const { clock, server, socket, journal, statuses } = await overlapping({
      options: { beforeOpen: butTheFirst(gate.promise) },
      url: numbered(),
    })
    await clock.advance(REPLACED_MS + 1)
    server.connections[0]?.reset()
    await clock.advance(0)
    expect([journal, socket.readyState]).toEqual([['close 1006'], 0])
    expect(socket.url).toBe(server.latest.dial.url)
    gate.resolve()
    await clock.advance(0)
    expect(journal).toEqual(['close 1006', 'open'])
    expect(statuses.map(({ state }) => state)).toContain('reconnecting')
    expect(server.dials).toHaveLength(2)
  })
})

describe('the end of a socket whose connection was just replaced', () => {
  it('is the end of both, and leaves nothing behind', async () => {
    const told = await overlapping()
    await told.clock.advance(REPLACED_MS + 1)
    expect(told.live()).toBe(2)
    const { server, clock, journal } = told
    told.socket.close()
    says(server.connections[0], 1)
    await clock.advance(10)
    expect([idsIn(journal), journal]).toEqual([[], ['close 1005, final']])
    await expectNothingLeft(told)
  })

  it('is the end of both, in the middle of the dial too', async () => {
    const told = await overlapping({ options: { beforeOpen: butTheFirst(new Promise<void>(() => {})) } })
    await told.clock.advance(REPLACED_MS + 100)
    expect(told.live()).toBe(2)
    await expectNothingLeft(told)
  })

  it('by the server is told as it is, and the replaced one is not listened to any more', async () => {
    const { clock, server, journal, live } = await overlapping()
    await clock.advance(REPLACED_MS + 1)
    server.latest.close(4403)
    says(server.connections[0], 1)
    await clock.advance(10)
    expect([journal, live()]).toEqual([['close 4403, final'], 0])
  })

  it('does not come when the server closes the replaced one itself', async () => {
    const { clock, server, journal, socket } = await overlapping()
    await clock.advance(REPLACED_MS + 1)
    server.connections[0]?.close(4409, 'replaced by a newer connection')
    await clock.advance(10_000)
    expect([journal, socket.readyState, server.dials.length]).toEqual([[], 1, 2])
  })

  it('comes with reconnect(), which drops both', async () => {
    const { clock, socket, server, journal } = await overlapping()
    await clock.advance(REPLACED_MS + 1)
    socket.reconnect()
    await clock.advance(10)
    expect([journal, server.open]).toEqual([['close 1006', 'open'], [server.connections[2]]])
  })
})

describe('a fresh credential where messages have keys', () => {
  it('is put to use by a second connection, without a close', async () => {
    let tokens = 0
    const { clock, socket, server, journal } = await openStory({
      options: { dedupe, auth: async () => `token ${++tokens}` },
    })
    socket.refreshAuth()
    await clock.advance(OVERLAP_MS + 100)
    expect([journal, server.dials.length, server.open]).toEqual([[], 2, [server.connections[1]]])
  })

  it('of somebody else ends the old connection before anything else is delivered', async () => {
    const identities = ['ann', 'bob']
    const { clock, socket, server, journal } = await openStory({
      options: { dedupe, auth: async () => ({ identity: identities.shift() ?? '' }) },
    })
    socket.refreshAuth()
    says(server.connections[0], 1)
    await clock.advance(100)
    expect([journal, server.open]).toEqual([['close 1006', 'open'], [server.connections[1]]])
  })

  it('of somebody else does so too when a second connection was waiting for it', async () => {
    const gate = deferred()
    const identities = ['ann', 'bob']
    const { clock, server, socket, journal, records } = await overlapping({
      options: {
        auth: async () => {
          const identity = identities.shift() ?? ''
          if (identity === 'bob') await gate.promise
          return { identity }
        },
      },
    })
    await clock.advance(REPLACED_MS - 1_000)
    socket.refreshAuth()
    await clock.advance(2_000)
    expect(records.at(-1)?.state).toMatchObject({ serving: { number: 1 }, dial: { number: 2, phase: 'authorizing' } })
    gate.resolve()
    says(server.connections[0], 1)
    await clock.advance(20_000)
    expect([journal, server.open]).toEqual([['close 1006', 'open'], [server.latest]])
  })
})

describe('nothing is lost and nothing is doubled', () => {
  it.each(upTo(3))(
    'while connections are replaced every few seconds, whatever each event takes (seed %d)',
    async seed => {
      const random = (most: number): number => Math.floor(clockOf().roll() * most)
      const events = feed({ latencyMs: () => 20 + random(2_000) })
      const told = await openStory({ seed, behaviour: events.behaviour, options: { maxAgeMs: 20_000, dedupe } })
      const clockOf = () => told.clock
      const { clock, server, journal } = told
      for (let turn = 0; turn < 800; turn++) {
        events.publish()
        await clock.advance(random(200))
      }
      await clock.advance(10_000)
      expect(server.dials.length).toBeGreaterThan(3)
      expect([...idsIn(journal)].sort((a, b) => a - b)).toEqual(upTo(events.count))
      expect(journal.every(entry => entry.startsWith('message'))).toBe(true)
    },
  )

  it('while subscriptions are joined on the next one', async () => {
    const events = feed({ latencyMs: () => 500, joins: true })
    const { clock, server, socket, journal } = await overlapping({ behaviour: events.behaviour })
    socket.subscribe('feed', { join: ({ send }) => send('join') })
    await clock.advance(100)
    for (let turn = 0; turn < 2_000; turn++) {
      events.publish()
      await clock.advance(100)
    }
    await clock.advance(1_000)
    expect(server.dials).toHaveLength(3)
    expect(idsIn(journal)).toEqual(upTo(events.count))
  })

  it.each(upTo(3))(
    'with `resume`, whatever breaks meanwhile, and the order is that of the server (seed %d)',
    async seed => {
      const random = (most: number): number => Math.floor(clockOf().roll() * most)
      const events = feed({ latencyMs: () => 20 + random(500) })
      const told = await openStory({ seed, behaviour: events.behaviour, options: { maxAgeMs: 20_000, dedupe, resume } })
      const clockOf = () => told.clock
      const { clock, server, journal } = told
      for (let turn = 0; turn < 800; turn++) {
        events.publish()
        await clock.advance(random(200))
        if (random(60) === 0) server.open[random(server.open.length)]?.reset()
      }
      await clock.advance(60_000)
      expect(journal.filter(entry => entry === 'open').length).toBeGreaterThan(3)
      expect(idsIn(journal)).toEqual(upTo(events.count))
    },
  )
})
