import { describe, expect, it, vi } from 'vitest'
import { mulberry32 } from '../../src/testing/seeded.ts'
import type { FaultProxy } from './fault-proxy.ts'
import { proxied } from './proxied.ts'
import { settle, type TcpServer } from './tcp.ts'
import { retransmission } from './weather.ts'

let server: TcpServer
let proxy: FaultProxy

const { through } = proxied(ends => {
  server = ends.server
  proxy = ends.proxy
})

/** The first of all seeds with which the first chunk that a client sends is late by so much. */
function seedThatDelays(rate: number, lateMs: number, also: (seed: number) => boolean = () => true): number {
  for (let seed = 1; seed < 1_000; seed += 1) {
    if (retransmission(rate, mulberry32(seed)) === lateMs && also(seed)) return seed
  }
  throw new Error('Expected a seed to be found.')
}

describe('a slow line', () => {
  it('carries so many bytes per second, and the other direction at full speed', async () => {
    const { near, far } = await through()
    proxy.bandwidth(40_000, 'down')
    const before = performance.now()
    far.socket.write(Buffer.alloc(40_000))
    near.socket.write(Buffer.alloc(1_000_000))
    await far.hears(1_000_000)
    expect(near.heard().length).toBeLessThan(40_000)
    await near.hears(40_000)
    const tookMs = performance.now() - before
    // Never faster, but for the piece that leaves at once; a busy machine is at most late once, since a line catches up.
    expect(tookMs).toBeGreaterThanOrEqual(970)
    expect(tookMs).toBeLessThan(2_000)
  })

  it('has carried what it should when this machine was too busy to look', async () => {
    const { near, far } = await through()
    proxy.bandwidth(40_000)
    far.socket.write(Buffer.alloc(60_000))
    await near.hears(1)
    const before = proxy.passedBytes
    const busyUntil = performance.now() + 500
    while (performance.now() < busyUntil);
    await near.hears(before + 19_000)
    expect(performance.now() - busyUntil).toBeLessThan(300)
  })

  it('trickles rather than waits for a whole chunk', async () => {
    const { near, far } = await through()
    proxy.bandwidth(10_000)
    near.socket.write(Buffer.alloc(60_000))
    await far.hears(1)
    expect(far.heard().length).toBeLessThan(30_000)
  })

  it('reads no more than a second ahead, and delivers everything, whole, when it is mended', async () => {
    const { near, far } = await through()
    proxy.bandwidth(20_000)
    const sent = Buffer.alloc(8 * 1024 * 1024, 'holdfast')
    far.socket.end(sent)
    await near.hears(1)
    await settle(server)
    expect(proxy.bufferedBytes).toBeGreaterThan(0)
    expect(proxy.bufferedBytes).toBeLessThanOrEqual(20_000 + 65_536)
    expect(near.heard().length).toBeLessThan(sent.length / 2)
    await proxy.pass()
    expect((await near.hears(sent.length)).equals(sent)).toBe(true)
    expect(await near.ending).toBe('fin')
  })

  it.each([0, -1, Number.NaN])('does not exist with %d bytes per second', bytesPerSecond => {
    expect(() => proxy.bandwidth(bytesPerSecond)).toThrow('Expected `bytesPerSecond` to be above 0')
  })
})

describe('packet loss', () => {
  it('holds a lost chunk and all that follow it until it was sent again, and loses nothing', async () => {
    const { near, far } = await through()
    const seed = seedThatDelays(0.5, 200)
    proxy.loss({ rate: 0.5, seed, direction: 'up' })
    const before = performance.now()
    near.socket.write('lost ')
    await vi.waitFor(() => expect(proxy.bufferedBytes).toBe(5), { interval: 1 })
    near.socket.end('and found')
    far.socket.write('unharmed')
    expect((await near.hears(8)).toString()).toBe('unharmed')
    expect((await far.hears(14)).toString()).toBe('lost and found')
    expect(performance.now() - before).toBeGreaterThanOrEqual(199)
    expect(await far.ending).toBe('fin')
  })

  it('strikes each connection on its own', async () => {
    const rate = 0.5
    const seed = seedThatDelays(rate, 600, seed => retransmission(rate, mulberry32(seed + 2)) === 0)
    const first = await through()
    const second = await through()
    proxy.loss({ rate, seed, direction: 'up' })
    const before = performance.now()
    first.near.socket.write('hello')
    await vi.waitFor(() => expect(proxy.bufferedBytes).toBe(5), { interval: 1 })
    second.near.socket.write('lucky')
    await second.far.hears(5)
    expect(first.far.heard().length).toBe(0)
    await first.far.hears(5)
    expect(performance.now() - before).toBeGreaterThanOrEqual(599)
  })

  it.each([-0.1, 1, Number.NaN])('does not exist with a rate of %d', rate => {
    expect(() => proxy.loss({ rate })).toThrow('Expected `rate` to be from 0 to below 1')
  })
})
