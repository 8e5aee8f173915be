// What docs/behind-a-proxy.md shows, run by the real programs: if a line of it breaks, this does.
import { describe, expect, it, type TestContext, vi } from 'vitest'
import { behind, client, endsWith } from './behind.ts'
import { documented, documentedUpgrade } from './documented.ts'
import { runnableProxies } from './runnable.ts'
import { statusFrom } from './upgrade.ts'

vi.setConfig({ testTimeout: 40_000 })

for (const { name } of runnableProxies()) {
  describe.concurrent(`behind ${name} as it is documented`, () => {
    const twoServers = async (test: TestContext) => {
      const kept = endsWith(test)
      const [one, two] = [await kept(behind()), await kept(behind())]
      const proxy = await kept(documented[name]([one.port, two.port]))
      return { kept, one, two, proxy }
    }

    it('the documented curl line is answered with 101, and a plain request reaches the server', async test => {
      const { proxy } = await twoServers(test)
      expect(await statusFrom(proxy, documentedUpgrade())).toBe(101)
      // What `ws` says to a request without an upgrade.
      expect(await statusFrom(proxy, {})).toBe(426)
    })

    it('messages pass, and after a deploy of its server the client is on the other one', async test => {
      const { kept, one, two, proxy } = await twoServers(test)
      const { socket, heard, closes } = await kept(client(proxy.port, { backoff: () => 50 }))
      socket.send('before')
      await vi.waitFor(() => expect(heard).toEqual(['before']), { timeout: 10_000 })
      const [its, other] = one.connections() ? [one, two] : [two, one]
      expect([its.connections(), other.connections()]).toEqual([1, 0])
      its.close()
      await vi.waitFor(() => expect(closes).toHaveLength(1), { timeout: 10_000 })
      socket.send('after')
      await vi.waitFor(() => expect(heard).toEqual(['before', 'after']), { timeout: 20_000 })
      expect(other.connections()).toBe(1)
    })
  })
}
