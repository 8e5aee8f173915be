/** Clients that mean harm: each is answered by its code, costs a bounded amount, and the one beside it notices nothing. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { memoryLog, type SessionServerOptions } from '../../src/server/index.ts'
import { hello, type RawClient, type Served, served } from './raw-client.ts'

interface Besieged extends Served {
  /** Goes on working: its message is stored, and comes back as an event. */
  unharmed(): Promise<void>
  readonly victim: RawClient
}

async function besieged(options: SessionServerOptions = {}): Promise<Besieged> {
  const server = await served({
    authenticate: ({ token }) => (token ? { identity: token } : null),
    authorize: ({ identity, topic }) => topic !== 'private' || identity === 'victim',
    ...options,
  })
  onTestFinished(() => server[Symbol.asyncDispose]())
  const victim = await server.greeted({
    client: 'victim',
    token: 'victim',
    topics: [{ topic: 'default' }, { topic: 'private' }],
  })
  let count = 0
  return {
    ...server,
    victim,
    async unharmed() {
      const id = `victim-${++count}`
      victim.send({ t: 'msg', id, topic: 'private', data: 'mine' })
      await victim.next({ t: 'ok', id })
      await victim.next({ t: 'event', id, topic: 'private', data: 'mine' })
    },
  }
}

/** Bytes on a plain socket, after a handshake by hand. */
async function bare(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => {
    socket.destroy()
  })
  socket.on('error', () => {})
  socket.write(
    [
      'GET / HTTP/1.1',
      'Host: x',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Protocol: holdfast.v1',
      '\r\n',
    ].join('\r\n'),
  )
  await once(socket, 'data')
  return socket
}

const evil = { client: 'evil', token: 'evil' }

describe('a hostile client', () => {
  it('sends garbage of every kind', async () => {
    const { greeted, unharmed } = await besieged()
    const client = await greeted(evil)
    for (const text of [
      '',
      '{',
      '[]',
      'null',
      '42',
      '"t"',
      '{"t":1}',
      '{"t":null}',
      '\u0000',
      '{"__proto__":{"t":"bye"}}',
    ]) {
      client.socket.send(text)
    }
    for (const bytes of [[], [0], [0, 0, 0, 0], [255, 255, 255, 255], [0, 0, 0, 2, 123, 125], [0, 0, 0, 1, 255]]) {
      client.socket.send(Buffer.from(bytes))
    }
    // Deeper than a stack: read without recursion, and written with one.
    client.socket.send(`{"t":"msg","id":"evil-1","data":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)
    client.socket.send('{"t":"msg","id":"evil-2","data":{"__proto__":{"polluted":true},"constructor":1}}')
    await client.next({ t: 'ok', id: 'evil-2' })
    expect(new Set(client.frames.filter(({ t, id }) => t === 'err' && !id).map(({ code }) => code))).toEqual(
      new Set(['bad-frame']),
    )
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
    await unharmed()
  })

  it('breaks the WebSocket itself', async () => {
    const { port, unharmed } = await besieged()
    for (const bytes of [
      [0xff, 0xff],
      [0x83, 0x80, 0, 0, 0, 0],
      [0x81, 0x05, 1, 2, 3, 4, 5],
      [0xc1, 0x80, 0, 0, 0, 0],
      [0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28],
    ]) {
      const socket = await bare(port)
      socket.write(Buffer.from(bytes))
      await once(socket, 'close')
    }
    await unharmed()
  })

  it('claims a frame that is greater than any', async () => {
    const { port, unharmed, live } = await besieged({ limits: { messageBytes: 1_024 } })
    const socket = await bare(port)
    // 1 TiB, says the header.
    socket.write(Buffer.from([0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4]))
    await once(socket, 'close')
    await expect.poll(() => live.metrics()).toContain('holdfast_closes_total{code="1009"} 1')
    await unharmed()
  })

  it('sends a message that is too big: one error where it can be read, the end where not', async () => {
    const { greeted, unharmed } = await besieged({ limits: { messageBytes: 1_024 } })
    const client = await greeted(evil)
    client.send({ t: 'msg', id: 'evil-1', data: 'x'.repeat(2_000) })
    await client.next({ t: 'err', id: 'evil-1', code: 'too-big', retry: 'never' })
    client.send({ t: 'msg', id: 'evil-2', data: 'x'.repeat(100_000) })
    expect((await client.closed).code).toBe(1009)
    await unharmed()
  })

  it('floods, and is slowed down by its messages, then closed with 4300', async () => {
    const { greeted, unharmed } = await besieged({
      rates: { connection: { perSecond: 1, burst: 10 }, frames: { perSecond: 10, burst: 1_000 } },
    })
    const client = await greeted(evil)
    for (let n = 1; n <= 2_000; n++) client.send({ t: 'msg', id: `evil-${n}`, data: n })
    expect((await client.closed).code).toBe(4300)
    expect(client.frames.filter(({ t }) => t === 'ok').length).toBeLessThanOrEqual(12)
    await unharmed()
  })

  it('floods with pings of the WebSocket, and reads no answer', async () => {
    const { greeted, unharmed } = await besieged({ rates: { frames: { perSecond: 10, burst: 1_000 } } })
    const client = await greeted(evil)
    for (let n = 0; n < 2_000; n++) client.socket.ping('x'.repeat(125))
    expect((await client.closed).code).toBe(4300)
    await unharmed()
  })

  it('never finishes its handshake, its hello, or a frame', async () => {
    const { port, unharmed, http, live } = await besieged()
    http.headersTimeout = 60_000
    for (let n = 0; n < 20; n++) {
      const half = connect(port, '127.0.0.1')
      onTestFinished(() => {
        half.destroy()
      })
      half.on('error', () => {})
      half.write('GET / HTTP/1.1\r\nHost: x\r\nUpgr')
      const silent = await bare(port)
      silent.write(Buffer.from([0x81, 0xfe, 0x10]))
    }
    await unharmed()
    // They are no connections, and end without hello (see the tests of admission, in virtual time).
    expect(live.connections).toBe(1)
    expect(live.metrics()).toContain('holdfast_sockets 21')
  })

  it('uses the id of a message again, with other data, on other topics, and from two sides', async () => {
    const { greeted, unharmed, live } = await besieged()
    const client = await greeted({ ...evil, topics: [{ topic: 'default' }] })
    const twin = await greeted({ ...evil, conn: 'twin' })
    for (let n = 0; n < 20; n++) for (const each of [client, twin]) each.send({ t: 'msg', id: 'evil-1', data: n })
    client.send({ t: 'msg', id: 'evil-2', data: 'last' })
    await client.next({ t: 'event', data: 'last', seq: 2 })
    twin.send({ t: 'ping' })
    await twin.next({ t: 'pong' })
    expect(live.metrics()).toContain('holdfast_messages_duplicate_total 39')
    await unharmed()
  })

  it('says that it is another client', async () => {
    const { greeted, victim } = await besieged()
    const client = await greeted({ ...evil, client: 'victim', topics: [{ topic: 'default' }] })
    const third = await greeted({ ...evil, client: 'victim', conn: 'third' })
    const fourth = await greeted({ ...evil, client: 'victim', conn: 'fourth' })
    // It replaces its own connections, and nobody else's.
    expect((await client.closed).code).toBe(4409)
    third.send({ t: 'msg', id: 'victim-1', data: 'first' })
    await third.next({ t: 'ok', id: 'victim-1' })
    victim.send({ t: 'msg', id: 'victim-1', data: 'of the victim' })
    expect(await victim.next({ t: 'ok', id: 'victim-1' })).not.toHaveProperty('dup')
    expect(await victim.next({ t: 'event', data: 'first' })).not.toHaveProperty('id')
    fourth.send({ t: 'msg', id: 'other-1', data: 1 })
    await fourth.next({ t: 'err', id: 'other-1', code: 'bad-id' })
    victim.send({ t: 'ping' })
    await victim.next({ t: 'pong' })
  })

  it('forges cursors and asks for what it may not see', async () => {
    const { greeted, unharmed, victim } = await besieged()
    await unharmed()
    const { epoch } = await victim.next({ t: 'subbed', topic: 'private' })
    const client = await greeted({ ...evil, topics: [{ topic: 'private', epoch, seq: 0 }] })
    await client.next({ t: 'err', topic: 'private', code: 'forbidden' })
    client.send({ t: 'sub', topic: 'private', epoch, seq: 0 })
    await client.next({ t: 'err', topic: 'private', code: 'forbidden' })
    client.send({ t: 'msg', id: 'evil-1', topic: 'private', data: 'theirs' })
    await client.next({ t: 'err', id: 'evil-1', code: 'forbidden' })
    client.send({ t: 'sub', topic: 'default', epoch, seq: Number.MAX_SAFE_INTEGER })
    await client.next({ t: 'gap', topic: 'default', reason: 'unknown' })
    client.send({ t: 'ack', topic: 'default', seq: Number.MAX_SAFE_INTEGER })
    client.send({ t: 'ack', topic: 'private', seq: 1 })
    client.send({ t: 'unsub', topic: 'private' })
    await unharmed()
    expect(client.frames.filter(({ t }) => t === 'event')).toEqual([])
  })

  it('asks for thousands of topics', async () => {
    const { greeted, unharmed, live } = await besieged({ limits: { topics: 100 }, log: memoryLog({ maxTopics: 50 }) })
    const client = await greeted({
      ...evil,
      topics: Array.from({ length: 5_000 }, (_, n) => ({ topic: `t${n}` })),
    })
    await client.next({ t: 'err', topic: 't4999', code: 'too-many-topics' })
    expect(client.frames.filter(({ t }) => t === 'subbed')).toHaveLength(100)
    expect(live.metrics()).toContain('holdfast_topics 102')
    client.socket.terminate()
    await unharmed()
    await expect.poll(() => live.metrics()).toContain('holdfast_topics 2\n')
  })

  it('subscribes and never reads', async () => {
    const { dial, unharmed, live } = await besieged({
      limits: { bufferedBytes: 65_536, slowMs: 300, unacked: 1_024 },
    })
    const client = await dial()
    client.send(hello({ ...evil, topics: [{ topic: 'default' }] }))
    await client.next({ t: 'subbed' })
    client.socket.pause()
    let most = 0
    // More than the kernel takes (a few MB on the loopback): the rest would have to wait in this server.
    for (let n = 0; n < 400; n++) {
      await live.publish('default', 'x'.repeat(50_000))
      await new Promise(resolve => setImmediate(resolve))
      most = Math.max(most, Number(/holdfast_buffered_bytes (\d+)/.exec(live.metrics())?.[1]))
    }
    expect(most).toBeLessThan(65_536 + 200_000)
    await expect.poll(() => live.metrics(), { timeout: 3_000 }).toContain('holdfast_closes_total{code="4001"} 1')
    await unharmed()
  })

  it('opens many connections', async () => {
    const { dial, greeted, unharmed } = await besieged({ limits: { connectionsPerIdentity: 3 } })
    const clients = await Promise.all(Array.from({ length: 10 }, () => dial()))
    clients.forEach((client, n) => {
      client.send(hello({ client: `evil${n}`, token: 'evil' }))
    })
    const codes = await Promise.all(clients.map(({ closed, next }) => Promise.race([closed, next({ t: 'welcome' })])))
    expect(codes.filter(each => 'code' in each && each.code === 4301)).toHaveLength(7)
    await greeted({ client: 'else', token: 'else' })
    await unharmed()
  })

  it('ends its connection at every moment', async () => {
    const { dial, unharmed, live } = await besieged({
      authenticate: async ({ token }) => {
        await new Promise(resolve => setImmediate(resolve))
        return token ? { identity: token } : null
      },
      onMessage: () => new Promise(resolve => setImmediate(() => resolve(undefined))),
    })
    for (let n = 0; n < 20; n++) {
      const client = await dial()
      const frames = [
        hello({ ...evil, topics: [{ topic: 'default' }] }),
        { t: 'msg', id: 'evil-1' },
        { t: 'auth', token: 'evil' },
      ]
      for (const frame of frames.slice(0, n % 4)) client.send(frame)
      if (n % 2) client.socket.close()
      else client.socket.terminate()
      await client.closed
    }
    await unharmed()
    await expect.poll(() => live.metrics()).toContain('holdfast_sockets 1\n')
    expect(live.connections).toBe(1)
  })
})

describe('what a connection that has ended leaves', () => {
  it('is nothing', async () => {
    const { dial, live, unharmed } = await besieged()
    for (let n = 0; n < 10; n++) {
      const client = await dial()
      client.send(hello({ client: `c${n}`, token: `t${n}`, topics: [{ topic: `of-${n}` }] }))
      await client.next({ t: 'subbed' })
      client.socket.close(1000)
      await client.closed
    }
    await expect.poll(() => live.metrics()).toContain('holdfast_topics 2\n')
    expect(live.connections).toBe(1)
    await unharmed()
  })
})
