import { describe, expect, it } from 'vitest'
import { expect as listen, ping } from '../../src/index.ts'
import { accepts, answers, type Behaviour, goesSilent, sequence } from '../../src/testing/index.ts'
import { expectNothingLeft, lateTimers, openStory, type Setting, type Story } from './story.ts'

/** A story with a heartbeat; by default with a server that answers it. */
function beating(setting: Setting = {}): Promise<Story> {
  const { options, ...others } = setting
  return openStory({ behaviour: answers(), ...others, options: { heartbeat: ping(), ...options } })
}

/** Answers pings for so long, and then nothing passes any more. */
const dies = (afterMs: number): Behaviour => {
  const answer = answers()
  return connection => {
    answer(connection)
    connection.after(afterMs, () => connection.goSilent())
  }
}

/** A message every so often from every connection that is open. */
function feed({ clock, server }: Story, everyMs: number): () => void {
  let over = false
  const say = (): void => {
    if (over) return
    for (const connection of server.open) connection.send('price')
    clock.schedule(clock.now() + everyMs, say)
  }
  clock.schedule(clock.now() + everyMs, say)
  return () => {
    over = true
  }
}

/** When the connection was found dead, monotonic ms. */
function foundDeadAt({ records }: Story): number | undefined {
  return records.find(({ effects }) =>
    effects.some(effect => effect.type === 'disconnected' && effect.disconnect.origin === 'heartbeat'),
  )?.now
}

describe('a heartbeat', () => {
  it('is off unless the app asks for it: a server of an unknown protocol is sent nothing', async () => {
    const { clock, server, journal } = await openStory({ behaviour: goesSilent() })
    await clock.advance(3_600_000)
    expect(server.received).toEqual([])
    expect(journal).toEqual([])
    expect(clock.timers).toBe(0)
  })

  it('keeps an idle link that answers, and its pongs reach no listener', async () => {
    const told = await beating()
    await told.clock.advance(3_600_000)
    expect(told.journal).toEqual([])
    expect(told.server.received.length).toBeGreaterThan(200)
    expect(new Set(told.server.received)).toEqual(new Set(['ping']))
    await expectNothingLeft(told)
  })

  it('pings after 15 s of silence, and not while the server speaks', async () => {
    const told = await beating()
    const { clock, server } = told
    await clock.advance(14_999)
    expect(server.received).toEqual([])
    await clock.advance(1)
    expect(server.received).toEqual(['ping'])
    feed(told, 14_000)
    await clock.advance(600_000)
    expect(server.received.length).toBeLessThan(3)
  })

  it('takes anything for life, not only pongs: a busy link whose server knows no ping is kept', async () => {
    const told = await beating({ behaviour: accepts() })
    feed(told, 2_900)
    await told.clock.advance(600_000)
    expect(told.closings).toEqual([])
  })

  it('finds an idle link dead in 20 s, reports 1006 without error, and dials', async () => {
    const told = await beating({ behaviour: sequence(goesSilent(), answers()) })
    const { clock, journal, closings } = told
    await clock.advance(19_999)
    expect(journal).toEqual([])
    await clock.advance(1)
    expect(journal).toEqual(['close 1006'])
    expect(closings[0]).toMatchObject({ code: 1006, reason: '', wasClean: false, willReconnect: true })
    expect(closings[0]?.disconnect).toMatchObject({ origin: 'heartbeat', silentMs: 20_000 })
    await clock.advance(4_000)
    expect(journal).toEqual(['close 1006', 'open'])
    await expectNothingLeft(told)
  })

  it('finds it dead wherever the silence began between two pings', async () => {
    for (let afterMs = 0; afterMs <= 30_000; afterMs += 1_250) {
      const told = await beating({ behaviour: sequence(dies(afterMs), answers()) })
      await told.clock.advance(60_000)
      const found = foundDeadAt(told) ?? Infinity
      expect(found - afterMs).toBeLessThanOrEqual(20_000)
      expect(found - afterMs).toBeGreaterThan(0)
    }
  })

  it.each([100, 500, 1_000, 2_500])(
    'finds a link dead within 8 s of the last of messages that came every %i ms',
    async everyMs => {
      for (const afterMs of [4 * everyMs, 20_000, 21_300, 47_000]) {
        const told = await beating({ behaviour: sequence(dies(afterMs), answers()) })
        feed(told, everyMs)
        await told.clock.advance(afterMs + 9_000)
        expect((foundDeadAt(told) ?? Infinity) - afterMs).toBeLessThanOrEqual(8_000)
      }
    },
  )

  it('finds it dead within 8 s too when the traffic had begun only just before', async () => {
    const told = await beating({ behaviour: sequence(dies(40_000), answers()) })
    await told.clock.advance(36_000)
    feed(told, 500)
    await told.clock.advance(30_000)
    expect(foundDeadAt(told)).toBeLessThanOrEqual(48_000)
  })

  it('finds a link dead within 8 s of a question that is not answered', async () => {
    const told = await beating({ behaviour: sequence(dies(30_500), answers()) })
    await told.clock.advance(31_000)
    told.socket.subscribe('room', {
      join: async connection => {
        connection.send('join')
        await connection.receive()
      },
    })
    await told.clock.advance(8_000)
    expect(foundDeadAt(told)).toBeLessThanOrEqual(39_000)
  })

  it('asks twice before it gives up', async () => {
    const { clock, server } = await beating({ behaviour: accepts() })
    await clock.advance(19_999)
    expect(server.received).toEqual(['ping', 'ping'])
  })

  it('does not wait for the close of a dead link, which takes a browser up to a minute', async () => {
    const { clock, dialTimes, live } = await beating({ behaviour: sequence(goesSilent(), answers()) })
    await clock.advance(22_000)
    expect(dialTimes()).toEqual([0, 22_000])
    await clock.advance(0)
    expect(live()).toBe(1)
  })

  it('is no local evidence: a frozen server kills all heartbeats at once', async () => {
    const { clock, closings } = await beating({ behaviour: goesSilent() })
    await clock.advance(20_000)
    expect(closings[0]?.disconnect.next).toMatchObject({ type: 'retry', by: 'backoff' })
  })

  it('hears a server that is slow but speaks, whatever its pongs do', async () => {
    const told = await beating({ behaviour: answers({ afterMs: 60_000 }) })
    feed(told, 4_000)
    await told.clock.advance(600_000)
    expect(told.closings).toEqual([])
  })

  it('shows the round trip in the status', async () => {
    const { clock, socket, statuses } = await beating({ behaviour: answers({ afterMs: 80 }) })
    expect(socket.status.roundTripMs).toBeNull()
    await clock.advance(15_500)
    expect(socket.status.roundTripMs).toBe(80)
    expect(statuses.at(-1)).toMatchObject({ state: 'open', roundTripMs: 80 })
  })

  it('does not count pongs as messages', async () => {
    const { clock, socket } = await beating()
    await clock.advance(60_000)
    expect(socket.lastMessageAt).toBeNull()
  })

  it('has one timer when idle, and none per message', async () => {
    let armed = 0
    const told = await beating({
      pageClock: lateTimers(at => {
        armed++
        return at
      }),
    })
    for (let n = 0; n < 10_000; n++) told.server.latest.send('price')
    const before = armed
    await told.clock.advance(1)
    expect(armed - before).toBeLessThan(5)
    expect(told.clock.timers).toBe(1)
  })

  it('asks a bursty server seldom: one early ping for a pause, and then every 15 s', async () => {
    const told = await beating()
    const { server, clock } = told
    const stop = feed(told, 100)
    await clock.advance(30_000)
    expect(server.received).toEqual([])
    stop()
    await clock.advance(3_100)
    expect(server.received).toEqual(['ping'])
    await clock.advance(14_500)
    expect(server.received).toEqual(['ping'])
    await clock.advance(600_000)
    expect(server.received.length).toBeLessThan(43)
  })

  it('goes on when the wall clock is set back by an hour', async () => {
    let offset = 0
    const told = await beating({
      behaviour: sequence(dies(100_000), answers()),
      pageClock: clock => ({
        now: () => clock.now(),
        wall: () => clock.wall() + offset,
        roll: () => clock.roll(),
        schedule: (at, fn) => clock.schedule(at, fn),
      }),
    })
    told.server.latest.send('price')
    await told.clock.advance(60_000)
    offset = -3_600_000
    await told.clock.advance(39_000)
    const pings = told.server.received.length
    expect(pings).toBeGreaterThan(4)
    await told.clock.advance(22_000)
    expect(told.closings).toHaveLength(1)
    expect(told.socket.lastMessageAt).toBeLessThan(told.clock.wall() + offset)
  })

  it('stops with the socket', async () => {
    const told = await beating()
    await told.clock.advance(16_000)
    await expectNothingLeft(told)
  })

  it('works without reconnecting: a dead link is closed for good', async () => {
    const { clock, journal } = await beating({ behaviour: goesSilent(), options: { reconnect: false } })
    await clock.advance(20_000)
    expect(journal).toEqual(['close 1006, final'])
  })
})

describe('a heartbeat that listens', () => {
  const listening = (behaviour: Behaviour = accepts()): Promise<Story> =>
    openStory({ behaviour, options: { heartbeat: listen({ everyMs: 10_000 }) } })

  it('sends nothing, and keeps a server that speaks in time', async () => {
    const told = await listening()
    feed(told, 14_000)
    await told.clock.advance(600_000)
    expect(told.closings).toEqual([])
    expect(told.server.received).toEqual([])
  })

  it('finds dead what is silent for longer than the server ever is, and 5 s', async () => {
    const { clock, closings } = await listening()
    await clock.advance(14_999)
    expect(closings).toEqual([])
    await clock.advance(1)
    expect(closings[0]?.disconnect).toMatchObject({ origin: 'heartbeat', silentMs: 15_000 })
  })

  it('hears what a subscription claims', async () => {
    const told = await listening()
    told.socket.subscribe('all', {
      join: async connection => {
        for (;;) await connection.receive()
      },
    })
    feed(told, 9_000)
    await told.clock.advance(120_000)
    expect(told.closings).toEqual([])
  })
})

describe('a late timer', () => {
  it('does not kill a live link: what was heard while the page was busy is delivered first', async () => {
    for (let begins = 14_000; begins <= 20_000; begins += 250) {
      const ends = begins + 4_900
      const busy = lateTimers(at => (at > begins && at < ends ? ends : at))
      const told = await beating({ behaviour: answers({ afterMs: 100 }), pageClock: busy })
      await told.clock.advance(60_000)
      expect(told.closings).toEqual([])
    }
  })

  it('grants a dead link one second, and not one after the other', async () => {
    const told = await beating({
      behaviour: sequence(goesSilent(), answers()),
      pageClock: lateTimers(at => at + 900),
    })
    await told.clock.advance(30_000)
    expect(foundDeadAt(told)).toBeLessThanOrEqual(25_000)
  })
})
