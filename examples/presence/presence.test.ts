/** The stories of a room in which connections drop: without a network, without waiting. */
import { scriptedServer, virtualClock } from 'holdfast/testing'
import { describe, expect, it } from 'vitest'
import { type Presence, presence } from './client.ts'
import { room } from './room.ts'
import { GRACE_MS } from './roster.ts'

/** A room behind a scripted server, and what is drawn in the page of each person. */
function scene() {
  // The middle of every window: the first try after 2 s, the second 4 s later.
  const clock = virtualClock({ rolls: [0.5] })
  const here = room((ms, fn) => clock.schedule(clock.now() + ms, fn))
  const server = scriptedServer(
    connection => {
      connection.accept()
      const guest = here.receive({
        send: text => {
          if (connection.state === 'open') connection.send(text)
        },
        close: (code, reason) => connection.close(code, reason),
      })
      connection.heard(text => guest.heard(String(text)))
      ends.set(connection.dial.number, guest.gone)
    },
    { clock },
  )
  const ends = new Map<number, () => void>()
  return {
    clock,
    here,
    server,
    /** Somebody, and what their page has drawn. */
    person(name: string): { readonly is: Presence; readonly drawn: string[] } {
      const is = presence('wss://app.example.com/presence', name, { clock, WebSocket: server.WebSocket })
      const drawn: string[] = []
      is.onChange(() => drawn.push(`${[...is.users].sort().join(' ')}${is.fresh ? '' : ' (old)'}`))
      return { is, drawn }
    },
    /** The connection of that number breaks, and both sides hear of it. */
    drop(number: number): void {
      server.connections[number - 1]?.reset()
      ends.get(number)?.()
    },
    /** The server hears that the client is gone. */
    hangsUp(number: number): void {
      ends.get(number)?.()
    },
  }
}

describe('people in a room', () => {
  it('see each other come', async () => {
    const { clock, person } = scene()
    const ada = person('Ada')
    await clock.advance(10)
    const bob = person('Bob')
    await clock.advance(10)
    expect(ada.drawn).toEqual(['Ada', 'Ada Bob'])
    expect(bob.drawn).toEqual(['Ada Bob'])
  })

  it('do not see a drop of a few seconds, neither their own nor that of somebody else', async () => {
    const { clock, person, drop, server } = scene()
    const ada = person('Ada')
    await clock.advance(10)
    const bob = person('Bob')
    await clock.advance(10)
    drop(2)
    await clock.advance(60_000)
    expect(server.dials).toHaveLength(3)
    expect(ada.drawn).toEqual(['Ada', 'Ada Bob'])
    expect(bob.drawn).toEqual(['Ada Bob'])
  })

  it('see somebody go who is away for longer than the grace period, and come back', async () => {
    const { clock, person, drop, server } = scene()
    const ada = person('Ada')
    await clock.advance(10)
    person('Bob')
    await clock.advance(10)
    const back = server.behaviour
    server.behaviour = connection => connection.refuse()
    drop(2)
    await clock.advance(GRACE_MS - 1)
    expect(ada.drawn.at(-1)).toBe('Ada Bob')
    await clock.advance(1)
    expect(ada.drawn.at(-1)).toBe('Ada')
    server.behaviour = back
    await clock.advance(30_000)
    expect(ada.drawn).toEqual(['Ada', 'Ada Bob', 'Ada', 'Ada Bob'])
  })

  it('see somebody go at once who says goodbye', async () => {
    const { clock, person } = scene()
    const ada = person('Ada')
    const bob = person('Bob')
    await clock.advance(10)
    bob.is.leave()
    await clock.advance(10)
    expect(ada.is.users).toEqual(['Ada'])
    expect(bob.is.fresh).toBe(false)
  })

  it('are here until their last tab is gone', async () => {
    const { clock, person, here, hangsUp } = scene()
    const first = person('Ada')
    person('Ada')
    await clock.advance(10)
    first.is.leave()
    await clock.advance(10)
    hangsUp(1)
    await clock.advance(2 * GRACE_MS)
    expect(here.users).toEqual(['Ada'])
    hangsUp(2)
    await clock.advance(GRACE_MS)
    expect(here.users).toEqual([])
  })

  it('are gone one grace period after the last of several drops', async () => {
    const { clock, person, here, drop, server } = scene()
    person('Ada')
    await clock.advance(10)
    drop(1)
    await clock.advance(3_000)
    server.behaviour = connection => connection.refuse()
    drop(2)
    await clock.advance(GRACE_MS - 1)
    expect(here.users).toEqual(['Ada'])
    await clock.advance(1)
    expect(here.users).toEqual([])
  })

  it('are shown as they were while the connection is away, and as old after a minute', async () => {
    const { clock, person, drop, server } = scene()
    const ada = person('Ada')
    await clock.advance(10)
    person('Bob')
    await clock.advance(10)
    const back = server.behaviour
    server.behaviour = connection => connection.refuse()
    drop(1)
    await clock.advance(59_000)
    expect(ada.drawn.at(-1)).toBe('Ada Bob')
    await clock.advance(1_000)
    expect(ada.drawn.at(-1)).toBe('Ada Bob (old)')
    server.behaviour = back
    await clock.advance(30_000)
    expect(ada.drawn.at(-1)).toBe('Ada Bob')
  })

  it('who say something else than hello are turned away', async () => {
    const { clock, server, here } = scene()
    const socket = new server.WebSocket('wss://app.example.com/presence')
    const closes: number[] = []
    socket.addEventListener('close', ({ code }) => closes.push(code))
    await clock.advance(0)
    socket.send('{"type":"hello"}')
    await clock.advance(10)
    expect(closes).toEqual([1008])
    expect(here.users).toEqual([])
  })
})
