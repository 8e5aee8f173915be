import { assert } from 'vitest'
import { accepts, hangs, refuses, sequence } from '../../src/testing/index.ts'
import { type Proofs, thrownBy } from './proof.ts'

const MINUTE_MS = 60_000

export const sending: Proofs = {
  'sends what an open listener sends before what waited': async ({ open, server, advance }) => {
    const client = open()
    client.send('data')
    client.listen?.('open', () => client.send('credentials'))
    await advance(1_000)
    assert(server.received[0] === 'credentials', `the server heard ${server.received.join(', then ')}`)
  },

  'bounds what waits': async ({ socket, server, advance }) => {
    server.behaviour = hangs()
    const made = socket()
    await advance(100)
    for (let n = 0; n < 5_000; n++) thrownBy(() => made.send('x'))
    const kept = made.bufferedAmount
    assert(kept <= 1_000, `kept ${kept} of 5000 messages that were sent while it was not open`)
  },

  'says so when nothing more fits': async ({ open, server, advance }) => {
    server.behaviour = hangs()
    const client = open({ maxQueued: 3 })
    await advance(1_000)
    const third = ['one', 'two', 'three'].map(message => client.send(message)).at(-1)
    let fourth: unknown
    const thrown = thrownBy(() => {
      fourth = client.send('four')
    })
    const told = thrown !== 'nothing' || fourth !== third
    assert(told, `the fourth send() returned ${fourth} like the third, where three messages may wait`)
  },

  'sends nothing twice when one of the waiting messages cannot be sent': async ({
    open,
    server,
    advance,
    uncaught,
  }) => {
    server.behaviour = sequence(connection => connection.after(1_000, () => connection.accept()), accepts())
    const client = open()
    await advance(100)
    client.send('one')
    const poison = {
      toString() {
        throw new Error('no text')
      },
    }
    // A bug of the app's; the platform throws what it throws.
    thrownBy(() => Reflect.apply(client.send, client, [poison]))
    await advance(2_000)
    for (const connection of server.open) connection.reset()
    await advance(MINUTE_MS)
    uncaught.length = 0
    const copies = server.received.filter(message => message === 'one').length
    assert(copies === 1, `the message before it arrived ${copies} times`)
  },

  'ends a flush in which the connection is closed': async ({ open, advance, uncaught }) => {
    const client = open()
    for (const message of ['one', 'two', 'three']) client.send(message)
    let first = true
    client.listen?.('open', () => {
      if (first) client.reconnect?.()
      first = false
    })
    await advance(MINUTE_MS)
    const endless = uncaught.some(error => error instanceof Error && error.message === 'A flush without end.')
    assert(!endless, 'the flush read its queue 10000 times, and would have gone on')
  },

  'says nothing stale to a new session': async trial => {
    const { server, advance, open } = trial
    const client = open()
    const leave = client.join?.('join room', 'leave room')
    await advance(1_000)
    server.behaviour = sequence(refuses(), refuses(), accepts())
    server.latest.reset()
    await advance(100)
    leave?.()
    await advance(MINUTE_MS)
    const [stale] = server.latest.received.filter(message => message === 'leave room')
    assert(stale === undefined, `the second connection was told "${stale}"`)
  },

  'keeps what waits while dials fail': async ({ open, server, advance }) => {
    server.behaviour = sequence(refuses(), refuses(), accepts())
    const client = open()
    client.send('an order')
    await advance(MINUTE_MS)
    assert(server.open.length === 1, 'it did not connect')
    assert(server.received.includes('an order'), 'a message sent before the first dial failed never arrived')
  },

  'sends what a buffer held when it was sent': async ({ socket, server, advance }) => {
    server.behaviour = connection => connection.after(1_000, () => connection.accept())
    const made = socket()
    await advance(100)
    const bytes = new Uint8Array([1])
    made.send(bytes)
    bytes[0] = 9
    await advance(2_000)
    const [arrived] = server.received
    const byte = arrived instanceof Uint8Array ? arrived[0] : arrived
    assert(byte === 1, `a buffer that held 1 when it was sent arrived as ${byte}`)
  },
}
