import { describe, expect, it, vi } from 'vitest'
import { mulberry32 } from '../../src/testing/seeded.ts'
import type { FaultProxy } from './fault-proxy.ts'
import { proxied } from './proxied.ts'
import { settle, type TcpServer } from './tcp.ts'
import { fairWeather } from './weather.ts'

let server: TcpServer
let proxy: FaultProxy

const { through } = proxied(ends => {
  server = ends.server
  proxy = ends.proxy
})

describe('black hole', () => {
  it('swallows bytes in both directions without any event', async () => {
    const { near, far } = await through()
    proxy.blackhole()
    near.socket.write('lost')
    far.socket.write('lost too')
    await vi.waitFor(() => expect(proxy.swallowedBytes).toBe(12))
    await settle(server)
    expect(near.heard().length + far.heard().length).toBe(0)
    expect(proxy.connections).toBe(1)
  })

  it.each([
    ['down', 'far', 'near'],
    ['up', 'near', 'far'],
  ] as const)('swallows what goes %s and nothing else when asked', async (direction, from, to) => {
    const ends = await through()
    proxy.blackhole(direction)
    ends[from].socket.write('lost')
    await vi.waitFor(() => expect(proxy.swallowedBytes).toBe(4))
    ends[to].socket.write('heard')
    expect((await ends[from].hears(5)).toString()).toBe('heard')
    expect(ends[to].heard().length).toBe(0)
  })

  it('hides the end of one side from the other', async () => {
    const { near, far } = await through()
    proxy.blackhole()
    near.socket.end()
    await settle(server)
    expect(far.socket.readableEnded).toBe(false)
    await proxy.pass()
    expect(await far.ending).toBe('ECONNRESET')
  })

  it('loses what was on its way', async () => {
    const { near, far } = await through()
    proxy.latency(60_000)
    near.socket.write('slow')
    await vi.waitFor(() => expect(proxy.bufferedBytes).toBe(4))
    proxy.blackhole()
    expect(proxy.swallowedBytes).toBe(4)
    await proxy.pass()
    expect(far.heard().length).toBe(0)
  })

  it('answers the next byte on a stream with a hole by a reset', async () => {
    const { near, far } = await through()
    proxy.blackhole()
    near.socket.write('lost')
    await vi.waitFor(() => expect(proxy.swallowedBytes).toBe(4))
    await proxy.pass()
    near.socket.write('after')
    expect(await near.ending).toBe('ECONNRESET')
    expect(await far.ending).toBe('ECONNRESET')
    expect(far.heard().length).toBe(0)
  })

  it('takes new connections and stays silent', async () => {
    proxy.blackhole()
    const { near, far } = await through()
    near.socket.write('hello?')
    await vi.waitFor(() => expect(proxy.swallowedBytes).toBe(6))
    expect(far.heard().length).toBe(0)
  })
})

describe('stall and latency', () => {
  it('holds everything back in a stall and delivers it afterwards, in order', async () => {
    const { near, far } = await through()
    near.socket.write('one ')
    await far.hears(4)
    proxy.stall()
    near.socket.write('two ')
    near.socket.end('three')
    await settle(server)
    expect(far.heard().toString()).toBe('one ')
    expect(proxy.bufferedBytes).toBe(0)
    await proxy.pass()
    expect((await far.hears(13)).toString()).toBe('one two three')
    expect(await far.ending).toBe('fin')
  })

  it.each([
    ['down', 'far', 'near'],
    ['up', 'near', 'far'],
  ] as const)('stalls what goes %s and nothing else when asked', async (direction, from, to) => {
    const ends = await through()
    proxy.stall(direction)
    ends[from].socket.write('held')
    ends[to].socket.write('heard')
    expect((await ends[from].hears(5)).toString()).toBe('heard')
    await settle(server)
    expect(ends[to].heard().length).toBe(0)
    await proxy.pass()
    expect((await ends[to].hears(4)).toString()).toBe('held')
  })

  it('delays what passes, the FIN included, and keeps the order', async () => {
    const { near, far } = await through()
    proxy.latency(40, 'up')
    const before = performance.now()
    near.socket.write('a')
    near.socket.end('b')
    expect((await far.hears(2)).toString()).toBe('ab')
    expect(performance.now() - before).toBeGreaterThanOrEqual(39)
    expect(await far.ending).toBe('fin')
  })

  it('holds a chunk back for longer when it jitters, and lets none overtake it', async () => {
    const { near, far } = await through()
    proxy.latency(20, 'up', 60)
    const first = 20 + 60 * mulberry32(fairWeather.seed)()
    expect(first).toBeGreaterThan(40)
    const before = performance.now()
    near.socket.write('a')
    await vi.waitFor(() => expect(proxy.bufferedBytes).toBe(1), { interval: 1 })
    near.socket.write('b')
    expect((await far.hears(2)).toString()).toBe('ab')
    expect(performance.now() - before).toBeGreaterThanOrEqual(first - 1)
  })
})
