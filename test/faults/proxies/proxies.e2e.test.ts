// What nginx and HAProxy do to a WebSocket in production, done by the real ones: real sockets, real time.
import { setTimeout as after } from 'node:timers/promises'
import { describe, expect, it, type TestContext, vi } from 'vitest'
import { behind, type Client, client, endsWith } from './behind.ts'
import { nginx } from './nginx.ts'
import { runnableProxies, unmetDemands } from './runnable.ts'
import { freePort } from './running.ts'
import { statusFrom } from './upgrade.ts'

vi.setConfig({ testTimeout: 40_000 })

const idleS = 5

describe('the proxies that HOLDFAST_PROXIES demands', () => {
  it('are installed', () => {
    expect(unmetDemands()).toEqual([])
  })
})

const tries = 7
const told = /^#(\d+) \w+ \S+Z websocket could not connect: 1006 .+; next try in .+ \(attempt \1; (.+)\)$/

/** Never open, each try told in one line, and no storm, though the backoff would allow a hundred. */
async function isRetriedInVain(one: Client): Promise<void> {
  await vi.waitFor(() => expect(one.closes.length).toBeGreaterThanOrEqual(tries), { timeout: 30_000, interval: 50 })
  expect(one.opens()).toBe(0)
  expect(one.socket.status.state).toBe('connecting')
  for (const [nth, seventh] of one.dials.slice(6).entries()) {
    expect(seventh - (one.dials[nth] ?? Number.NaN)).toBeGreaterThanOrEqual(10_000)
  }
  for (const { code, wasClean, willReconnect, disconnect } of one.closes) {
    expect([code, wasClean, willReconnect, disconnect.origin]).toEqual([1006, false, true, 'dial-failed'])
  }
  const ends = one.lines.filter(line => line.includes('could not connect')).map(line => told.exec(line))
  expect(ends).toHaveLength(one.closes.length)
  expect(ends.map(match => Number(match?.[1]))).toEqual(ends.map((_, nth) => nth + 1))
  expect(new Set(ends.map(match => match?.[2]))).toEqual(
    new Set(['backoff', 'held back by the dial guard, 6 dials in 10 s']),
  )
}

for (const { name, start } of runnableProxies()) {
  describe.concurrent(`behind ${name}`, () => {
    const throughIt = async (test: TestContext) => {
      const kept = endsWith(test)
      const server = await kept(behind())
      const proxy = await kept(start({ upstreamPort: server.port, idleS }))
      return { server, one: await kept(client(proxy.port)) }
    }

    it('a connection that is idle for 5 s is cut: 1006, not clean, by the network; it is back within its backoff', async test => {
      const { server, one } = await throughIt(test)
      await one.socket.ready()
      await vi.waitFor(() => expect(one.closes).toHaveLength(1), { timeout: 15_000, interval: 5 })
      const [cut] = one.closes
      expect(cut).toMatchObject({ code: 1006, reason: '', wasClean: false, willReconnect: true })
      expect(cut?.disconnect).toMatchObject({ origin: 'network', next: { type: 'retry', by: 'backoff' } })
      expect(cut?.disconnect.openMs).toBeGreaterThan(idleS * 1000 - 1_000)
      expect(cut?.disconnect.openMs).toBeLessThan(idleS * 1000 + 3_000)
      await one.socket.ready()
      // Between the two decisions: a busy machine gets round to telling of them when it can.
      const awayMs = (one.dials[1] ?? Number.NaN) - (one.ends[0] ?? Number.NaN)
      const promisedMs = cut?.retryInMs ?? Number.NaN
      expect(promisedMs).toBeLessThanOrEqual(4_000)
      expect(awayMs).toBeGreaterThan(promisedMs - 2)
      expect(awayMs).toBeLessThan(promisedMs + 2_000)
      one.socket.send('back again')
      await vi.waitFor(() => expect(one.heard).toEqual(['back again']), { timeout: 3_000 })
      expect(server.connections()).toBe(2)
      expect(one.lines.filter(line => line.includes('lost'))).toEqual([
        expect.stringMatching(
          /^#1 \w+ \S+ websocket lost: 1006 .+ after [4-7](\.\d+)? s, 0 in \/ 0 out; next try in .+ \(attempt 1; backoff\)$/,
        ),
      ])
    })

    it('a connection that says something every second stays open', async test => {
      const { one } = await throughIt(test)
      await one.socket.ready()
      for (let second = 0; second < 9; second += 1) {
        one.socket.send(`second ${second}`)
        await after(1_000)
      }
      await vi.waitFor(() => expect(one.heard).toHaveLength(9), { timeout: 5_000 })
      expect(one.closes).toEqual([])
      expect(one.dials).toHaveLength(1)
    })

    it('a server that is down is dialled again and again, without a storm', async test => {
      const kept = endsWith(test)
      const proxy = await kept(start({ upstreamPort: await freePort() }))
      expect(await statusFrom(proxy)).toBe(name === 'nginx' ? 502 : 503)
      await isRetriedInVain(await kept(client(proxy.port, { backoff: () => 100 })))
    })

    if (name === 'nginx') {
      it('that forgets the upgrade, a server is dialled again and again, without a storm', async test => {
        const kept = endsWith(test)
        const server = await kept(behind())
        const proxy = await kept(nginx({ upstreamPort: server.port, upgrade: false }))
        expect(await statusFrom(proxy)).toBe(426)
        await isRetriedInVain(await kept(client(proxy.port, { backoff: () => 100 })))
        expect(server.connections()).toBe(0)
      })
    }
  })
}
