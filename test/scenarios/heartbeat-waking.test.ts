import { describe, expect, it } from 'vitest'
import { expect as listen, ping, type Signal } from '../../src/index.ts'
import { accepts, answers, goesSilent, sequence } from '../../src/testing/index.ts'
import { openAuthStory, provides, tokens, until } from './auth-story.ts'
import { expectNothingLeft, openStory, type Setting, type Story } from './story.ts'

const EIGHT_HOURS = 8 * 3_600_000

function beating({ options, ...setting }: Setting = {}): Promise<Story> {
  return openStory({ behaviour: answers(), ...setting, options: { heartbeat: ping(), ...options } })
}

/** What the first connection was sent. */
function sentToFirst({ server }: Story): readonly unknown[] {
  return server.connections[0]?.received ?? []
}

/** Answers pings until it is told not to pass anything any more. */
const dead = (told: Story): void => told.server.latest.goSilent()

describe('a connection that may not have survived', () => {
  it.each<Signal>(['woke', 'visible', 'resumed', 'network-changed'])('is asked at once on %s', async signal => {
    const told = await beating()
    const { clock, page, server } = told
    await clock.advance(5_000)
    page.say(signal)
    await clock.advance(0)
    expect(server.received).toEqual(['ping'])
    await clock.advance(14_000)
    expect(told.journal).toEqual([])
  })

  it('is asked at once on coming back online, and not on going offline', async () => {
    const { clock, page, server } = await beating()
    await clock.advance(5_000)
    page.say('offline')
    await clock.advance(5_000)
    expect(server.received).toEqual([])
    page.say('online')
    await clock.advance(0)
    expect(server.received).toEqual(['ping'])
  })

  it('is dead after 4 s, and dialled anew within half a second of that', async () => {
    const told = await beating({ behaviour: sequence(answers(), answers()) })
    await told.clock.advance(5_000)
    dead(told)
    told.page.say('resumed')
    await told.clock.advance(3_999)
    expect(told.journal).toEqual([])
    await told.clock.advance(1)
    expect(told.journal).toEqual(['close 1006'])
    expect(told.closings[0]?.disconnect).toMatchObject({
      origin: 'heartbeat',
      next: { by: 'local-evidence', inMs: 250 },
    })
    await told.clock.advance(500)
    expect(told.journal).toEqual(['close 1006', 'open'])
  })

  it('is not closed before it was asked: a healthy one stays', async () => {
    const told = await beating({ behaviour: answers({ afterMs: 3_000 }) })
    await told.clock.advance(5_000)
    told.clock.sleep(EIGHT_HOURS)
    told.page.say('resumed')
    await told.clock.advance(60_000)
    expect(told.journal).toEqual([])
    expect(told.socket.readyState).toBe(1)
  })

  it('is not asked when it was heard a moment ago', async () => {
    const { clock, page, server } = await beating()
    await clock.advance(5_000)
    server.latest.send('price')
    await clock.advance(500)
    page.say('visible')
    await clock.advance(0)
    expect(server.received).toEqual([])
  })

  it('is asked once while the page flickers, not once per signal', async () => {
    const { clock, page, server } = await beating({ behaviour: answers({ afterMs: 900 }) })
    await clock.advance(5_000)
    for (let n = 0; n < 80; n++) {
      page.say('hidden')
      page.say('visible')
      await clock.advance(10)
    }
    expect(server.received).toEqual(['ping'])
  })

  it('is asked again when the machine slept once more meanwhile', async () => {
    const told = await beating({ behaviour: answers({ afterMs: 500 }) })
    await told.clock.advance(5_000)
    told.clock.sleep(EIGHT_HOURS)
    told.page.say('resumed')
    told.clock.sleep(EIGHT_HOURS)
    told.page.say('visible')
    await told.clock.advance(100)
    expect(told.server.received).toEqual(['ping', 'ping'])
    await told.clock.advance(60_000)
    expect(told.journal).toEqual([])
  })
})

describe('hibernation: the wall clock jumps by 8 h', () => {
  it('and the first thing that happens is a probe, before what the app sends', async () => {
    const told = await beating()
    await told.clock.advance(5_000)
    told.clock.sleep(EIGHT_HOURS)
    told.socket.send('order')
    expect(told.socket.bufferedAmount).toBeGreaterThanOrEqual(5)
    await told.clock.advance(0)
    expect(sentToFirst(told)).toEqual(['ping', 'order'])
    expect(told.journal).toEqual([])
  })

  it('and what the app sends to a dead link is not lost: it goes out on the next one, in order', async () => {
    const told = await beating({ behaviour: sequence(answers(), answers()) })
    await told.clock.advance(5_000)
    dead(told)
    told.clock.sleep(EIGHT_HOURS)
    for (const order of ['one', 'two', 'three']) told.socket.send(order)
    await told.clock.advance(10_000)
    expect(told.server.connections[1]?.received).toEqual(['one', 'two', 'three'])
    expect(told.journal).toEqual(['close 1006', 'open'])
  })

  it('and a message with options waits too', async () => {
    const told = await beating()
    await told.clock.advance(5_000)
    told.clock.sleep(EIGHT_HOURS)
    const message = told.socket.send('order', { ttlMs: 60_000 })
    expect(message.state).toBe('queued')
    await told.clock.advance(0)
    expect(message.state).toBe('sent')
  })

  it('and a subscription that is added then is joined once the link has answered', async () => {
    const told = await beating()
    await told.clock.advance(5_000)
    told.clock.sleep(EIGHT_HOURS)
    told.page.say('visible')
    told.socket.subscribe('room', { join: connection => connection.send('join') })
    await told.clock.advance(0)
    expect(sentToFirst(told)).toEqual(['ping', 'join'])
  })

  it('and a subscription that is left then is left, and not forgotten', async () => {
    const told = await beating()
    const said: string[] = []
    const leave = told.socket.subscribe('room', {
      join: () => void said.push('join'),
      leave: () => void said.push('leave'),
    })
    await told.clock.advance(5_000)
    told.clock.sleep(EIGHT_HOURS)
    told.page.say('visible')
    leave()
    await told.clock.advance(1_000)
    expect(said).toEqual(['join', 'leave'])
  })

  it('and a socket without an outbox sends at once, as the platform does', async () => {
    const told = await beating({ options: { outbox: false } })
    await told.clock.advance(5_000)
    told.clock.sleep(EIGHT_HOURS)
    told.socket.send('order')
    await told.clock.advance(0)
    expect(sentToFirst(told)).toEqual(['ping', 'order'])
  })

  it('and without any heartbeat the link is presumed dead: the first thing is a dial', async () => {
    const told = await openStory()
    await told.clock.advance(5_000)
    told.clock.sleep(EIGHT_HOURS)
    told.socket.send('order')
    await told.clock.advance(500)
    expect(sentToFirst(told)).toEqual([])
    expect(told.server.connections[1]?.received).toEqual(['order'])
    expect(told.closings[0]?.disconnect).toMatchObject({ origin: 'heartbeat', next: { by: 'local-evidence' } })
    await expectNothingLeft(told)
  })

  it('and without any heartbeat a link that speaks is not presumed dead', async () => {
    const told = await openStory()
    await told.clock.advance(5_000)
    told.clock.sleep(EIGHT_HOURS)
    told.server.latest.send('still here')
    told.socket.send('order')
    await told.clock.advance(500)
    expect(told.journal).toEqual(['message still here'])
    expect(sentToFirst(told)).toEqual(['order'])
    expect(told.clock.timers).toBeLessThanOrEqual(1)
  })

  it('and a heartbeat that only listens presumes it dead', async () => {
    const told = await openStory({ options: { heartbeat: listen({ everyMs: 30_000 }) } })
    await told.clock.advance(5_000)
    told.clock.sleep(EIGHT_HOURS)
    told.page.say('visible')
    await told.clock.advance(0)
    expect(told.journal).toEqual(['close 1006'])
  })

  it('of less than a minute, and nobody presumes anything without a heartbeat', async () => {
    const told = await openStory()
    await told.clock.advance(5_000)
    told.clock.sleep(59_000)
    told.socket.send('order')
    await told.clock.advance(60_000)
    expect(told.journal).toEqual([])
    expect(sentToFirst(told)).toEqual(['order'])
  })

  it('and a socket that does not reconnect is left alone, as the platform would', async () => {
    const told = await openStory({ options: { reconnect: false } })
    await told.clock.advance(20_000)
    told.clock.sleep(EIGHT_HOURS)
    told.socket.send('order')
    await told.clock.advance(60_000)
    expect(told.journal).toEqual([])
    expect(sentToFirst(told)).toEqual(['order'])
  })

  it('and a token that expired meanwhile is renewed before the dial', async () => {
    const provider = provides(until('a', 3_600_000), until('b', 9 * 3_600_000))
    const { clock, server, socket } = await openAuthStory(provider, {
      behaviour: sequence(answers(), answers()),
      options: { heartbeat: ping() },
    })
    await clock.advance(5_000)
    server.latest.goSilent()
    clock.sleep(EIGHT_HOURS)
    socket.send('order')
    await clock.advance(10_000)
    expect(tokens(server)).toEqual(['a', 'b'])
    expect(server.connections[1]?.received).toEqual(['order'])
  })
})

describe('a page that resumes', () => {
  it('hears of the end from the browser, and nothing is asked of what has ended', async () => {
    const told = await beating({ behaviour: sequence(goesSilent(), answers()) })
    told.page.say('frozen')
    await told.clock.advance(1_000)
    told.page.say('resumed')
    told.server.connections[0]?.reset()
    await told.clock.advance(1_000)
    expect(told.journal).toEqual(['close 1006', 'open'])
    expect(told.server.connections[1]?.received).toEqual([])
  })

  it('of a server that knows no ping is judged by what it hears', async () => {
    const told = await beating({ behaviour: accepts() })
    await told.clock.advance(5_000)
    told.page.say('resumed')
    await told.clock.advance(3_000)
    told.server.latest.send('price')
    await told.clock.advance(14_000)
    expect(told.journal).toEqual(['message price'])
  })
})
