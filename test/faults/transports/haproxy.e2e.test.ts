// Behind a HAProxy that cuts what is silent for 5 s: a WebSocket after `timeout tunnel`, a stream after `timeout server`.
import { describe, expect, it, vi } from 'vitest'
import { endsWith } from '../proxies/behind.ts'
import { startHaproxy } from '../proxies/haproxy.ts'
import { runnableProxies } from '../proxies/runnable.ts'
import type { RunningProxy } from '../proxies/running.ts'
import { measured } from './measured.ts'
import { pause } from './pause.ts'
import { site } from './site.ts'
import { events, inNode, nothingIsMissing, written, wrote } from './visitor.ts'

const byHand = process.env.HOLDFAST_MEASURED === '1'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

function impatient(port: number): Promise<RunningProxy> {
  return startHaproxy(
    (own, alive) => `
global
  maxconn 256
defaults
  mode http
  timeout connect 2s
  timeout client 5s
  timeout server 5s
  timeout tunnel 5s
frontend front
  bind 127.0.0.1:${own}
  monitor-uri ${alive}
  default_backend back
backend back
  server one 127.0.0.1:${port}
`,
  )
}

describe
  .runIf(runnableProxies().some(({ name }) => name === 'haproxy'))
  .concurrent('behind HAProxy that cuts after 5 s of silence', () => {
    it('a WebSocket that has something to say serves, and one that has not comes back', {
      timeout: byHand ? 180_000 : 60_000,
    }, async context => {
      const ends = endsWith(context)
      const at = await ends(site({ ticks: false }))
      const proxy = await ends(impatient(at.port))
      const visitor = await ends(inNode(proxy.port, { speaks: false }))
      await wrote(visitor, 'open')
      await pause(300)
      for (let n = 0; n < 3; n++) {
        await at.tick()
        await visitor.say()
        await pause(2_500)
      }
      expect(events(await visitor.look())).toEqual(['open'])
      for (let n = 0; n < (byHand ? 16 : 2); n++) {
        await at.tick()
        await visitor.say()
        await pause(7_000)
      }
      const journal = await nothingIsMissing(visitor, at)
      expect(journal.heard[0]).toBe(0)
      measured('haproxy that cuts a WebSocket after 5 s', {
        closes: events(journal).filter(what => what.startsWith('close')).length,
        lines: `\n${written(journal).join('\n')}`,
      })
    })

    // By hand, for its minute and more.
    it.runIf(byHand)(
      'a WebSocket that says nothing is given up after a minute of it',
      { timeout: 180_000 },
      async context => {
        const ends = endsWith(context)
        const at = await ends(site({ ticks: false }))
        const proxy = await ends(impatient(at.port))
        const visitor = await ends(inNode(proxy.port, { speaks: false }))
        const found = await wrote(visitor, 'serves sse', { timeout: 150_000 })
        const before = events(await visitor.look())
        await pause(20_000)
        await at.tick()
        await visitor.say()
        const journal = await nothingIsMissing(visitor, at)
        expect(events(journal)).toEqual(before)
        measured('haproxy that cuts an idle WebSocket after 5 s', {
          sse: found.at,
          closes: before.filter(what => what.startsWith('close')).length,
        })
      },
    )

    it.for(['sse', 'polling'] as const)('a session over %s goes on, unseen', async (way, context) => {
      const ends = endsWith(context)
      const at = await ends(site({ ticks: false }))
      const proxy = await ends(impatient(at.port))
      const visitor = await ends(inNode(proxy.port, { ways: [way], speaks: false }))
      await wrote(visitor, 'open')
      await pause(300)
      for (let n = 0; n < 3; n++) {
        await at.tick()
        await visitor.say()
        await pause(6_500)
      }
      const journal = await nothingIsMissing(visitor, at)
      expect(journal.heard[0]).toBe(0)
      expect(events(journal)).toEqual(['open'])
    })
  })
