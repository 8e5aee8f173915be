// A proxy that cuts what is idle for longer than a heartbeat waits: what is learnt from it, in real time.
import { setTimeout as after } from 'node:timers/promises'
import { describe, expect, it, type TestContext, vi } from 'vitest'
import { type Options, ping } from '../../../src/index.ts'
import { behind, type Client, client, endsWith } from './behind.ts'
import { runnableProxies } from './runnable.ts'

vi.setConfig({ testTimeout: 120_000 })

const idleS = 12
const soon = { backoff: () => 100 }

for (const { name, start } of runnableProxies()) {
  describe.concurrent(`behind ${name}, which cuts what is idle for ${idleS} s`, () => {
    const through = async (test: TestContext, options: Options) => {
      const kept = endsWith(test)
      const server = await kept(behind())
      const proxy = await kept(start({ upstreamPort: server.port, idleS }))
      return kept(client(proxy.port, { ...soon, ...options }))
    }
    /** From the second cut on it is known; a busy machine may hear of one so late that it takes another. */
    const isLearnt = ({ closes, problems }: Client): Promise<unknown> =>
      vi.waitFor(
        () => {
          expect(closes.length).toBeGreaterThanOrEqual(2)
          expect(problems.map(({ code }) => code)).toEqual(['ERR_IDLE_TIMEOUT'])
        },
        { timeout: 60_000, interval: 50 },
      )

    it('a heartbeat of 30 s learns from the second cut, says so, and there is no third', async test => {
      // The server echoes, so a ping is its own pong.
      const heartbeat = ping({ everyMs: 30_000, pong: 'ping' })
      const one = await through(test, { heartbeat })
      const { closes, problems, heard, lines } = one
      await isLearnt(one)
      const cuts = closes.length
      expect(cuts).toBeLessThanOrEqual(3)
      for (const { code, disconnect } of closes) {
        expect([code, disconnect.origin]).toEqual([1006, 'network'])
        expect(disconnect.silentMs).toBeGreaterThan(idleS * 1_000 - 1_000)
      }
      expect(problems[0]?.message).toMatch(/A ping every 10 s keeps them open now\.$/)
      expect(lines.filter(line => line.includes('an idle timeout: a ping every 10 s from now on'))).toHaveLength(1)
      await after(2.5 * idleS * 1_000)
      expect(closes).toHaveLength(cuts)
      expect(problems).toHaveLength(1)
      expect(heard).toEqual([])
    })

    it('without a heartbeat the second cut is reported with the cure', async test => {
      const one = await through(test, {})
      const { problems } = one
      await isLearnt(one)
      expect(problems[0]?.message).toMatch(/`heartbeat: ping\(\{ everyMs: \d+ \}\)` keeps them open\.$/)
    })
  })
}
