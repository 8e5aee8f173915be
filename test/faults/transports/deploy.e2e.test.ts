// Two servers behind nginx that are replaced one after the other, with what a deploy looks like from outside: 502.
import { setTimeout as after } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { memoryLog } from '../../../src/server/index.ts'
import { endsWith } from '../proxies/behind.ts'
import { runnableProxies } from '../proxies/runnable.ts'
import { forgetfulNginx } from './forgetful-nginx.ts'
import { measured } from './measured.ts'
import { type Site, site } from './site.ts'
import { events, inNode, nothingIsMissing, written, wrote } from './visitor.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

const DOWN_MS = 4_000

describe.runIf(runnableProxies().some(({ name }) => name === 'nginx'))('a rolling deploy behind nginx', () => {
  it('leaves nobody on a fallback who had a WebSocket before, and loses nothing', async context => {
    const ends = endsWith(context)
    const log = memoryLog({ maxEvents: 100_000 })
    // What says the ticks outlives the deploy.
    const voice = await ends(site({ log }))
    const nodes: Site[] = [await site({ log, ticks: false }), await site({ log, ticks: false })]
    await ends({ close: () => Promise.all(nodes.map(node => node.close())) })
    const nginx = await ends(
      forgetfulNginx(
        nodes.map(({ port }) => port),
        { retries: false },
      ),
    )
    const visitors = await Promise.all(Array.from({ length: 6 }, () => ends(inNode(nginx.port))))
    await Promise.all(visitors.map(visitor => wrote(visitor, 'serves websocket')))
    for (const [index, node] of nodes.entries()) {
      await node.close()
      await after(DOWN_MS)
      nodes[index] = await site({ log, ticks: false, port: node.port })
    }
    await after(1_000)
    let closes = 0
    for (const visitor of visitors) {
      await vi.waitFor(async () => expect(await visitor.look()).toMatchObject({ state: 'open' }), 20_000)
      const journal = await nothingIsMissing(visitor, voice)
      closes += events(journal).filter(what => what.startsWith('close')).length
      expect(written(journal).join('\n')).not.toMatch(/serves (sse|polling)|falling back/)
    }
    measured('a rolling deploy', { closes, visitors: visitors.length })
  })
})
