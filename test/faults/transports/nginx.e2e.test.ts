// Behind an nginx that nobody told of WebSockets, of streams, or of patience.
import type { Browser } from 'playwright'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { endsWith } from '../proxies/behind.ts'
import { runnableProxies } from '../proxies/runnable.ts'
import { forgetful, forgetfulNginx } from './forgetful-nginx.ts'
import { measured } from './measured.ts'
import { pause } from './pause.ts'
import { site } from './site.ts'
import { events, inChromium, inNode, nothingIsMissing, startBrowser, wrote } from './visitor.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

/** Pages that start side by side on two cores wait for one another. */
const SLACK_MS = 2_000

describe.runIf(runnableProxies().some(({ name }) => name === 'nginx')).concurrent('behind nginx', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser.close())

  it('that does not pass the upgrade on, events come over a stream at once, and over a WebSocket when it does', async context => {
    const ends = endsWith(context)
    const at = await ends(site())
    const nginx = await ends(forgetfulNginx([at.port], { upgrade: false }))
    const visitor = await ends(inChromium(browser, nginx.port))
    const usable = await wrote(visitor, 'open')
    expect(usable.at).toBeLessThan(SLACK_MS)
    expect(await visitor.look()).toMatchObject({ state: 'degraded', transport: 'sse', why: 'blocked' })
    const { at: acknowledged } = await wrote(visitor, 'acknowledged')
    await wrote(visitor, '> ', { timeout: 100 })
    await pause(1_000)
    await nginx.reload(forgetful([at.port], { upgrade: true }))
    const since = Date.now()
    await visitor.online()
    const back = await wrote(visitor, 'serves websocket', { since })
    await pause(1_000)
    const journal = await nothingIsMissing(visitor, at)
    expect(events(journal)).toEqual([expect.stringMatching(/^close 1006/), 'open'])
    expect(journal.entries.map(({ what }) => what).join('\n')).toMatch(
      /it never got through on this network, and the server answers over HTTP: falling back to sse(.|\n)*handed over to websocket/,
    )
    measured('nginx without Upgrade', { usable: usable.at, acknowledged, back: back.wall - since })
  })

  it('that compresses streams and keeps them back, messages come by polling after 4 s', async context => {
    const ends = endsWith(context)
    const at = await ends(site())
    const nginx = await ends(forgetfulNginx([at.port], { upgrade: false, buffers: true, compresses: true }))
    const visitor = await ends(inChromium(browser, nginx.port))
    const usable = await wrote(visitor, 'open')
    expect(usable.at).toBeLessThan(5_000 + SLACK_MS)
    expect(await visitor.look()).toMatchObject({ state: 'degraded', transport: 'polling', why: 'silent' })
    const { at: acknowledged } = await wrote(visitor, 'acknowledged')
    await pause(2_000)
    const journal = await nothingIsMissing(visitor, at)
    expect(events(journal)).toEqual([expect.stringMatching(/^close 1006/), 'open'])
    measured('nginx that keeps streams back', { usable: usable.at, acknowledged })
  })

  it.for([
    ['does not buffer', false],
    ['buffers, whatever a server says to that', true],
  ] as const)('that %s, events come over a stream as they are said', async ([, buffers], context) => {
    const ends = endsWith(context)
    const at = await ends(site({ ticks: false }))
    const nginx = await ends(forgetfulNginx([at.port], { upgrade: false, buffers }))
    const visitor = await ends(inNode(nginx.port, { speaks: false }))
    await wrote(visitor, 'serves sse')
    await pause(1_500)
    const since = Date.now()
    await at.tick()
    const { wall } = await wrote(visitor, 'heard')
    expect(wall - since).toBeLessThan(1_000)
    await nothingIsMissing(visitor, at)
    measured(`nginx, proxy_buffering ${buffers ? 'on' : 'off'}`, { eventTook: wall - since })
  })

  it.for(['sse', 'polling'] as const)(
    'that cuts after 5 s of silence, a session over %s goes on, unseen',
    async (way, context) => {
      const ends = endsWith(context)
      const at = await ends(site({ ticks: false }))
      const nginx = await ends(forgetfulNginx([at.port], { readS: 5 }))
      const visitor = await ends(inNode(nginx.port, { ways: [way], speaks: false }))
      await wrote(visitor, 'open')
      await pause(300)
      for (let n = 0; n < 3; n++) {
        await at.tick()
        await visitor.say()
        await pause(6_500)
      }
      await at.tick()
      const journal = await nothingIsMissing(visitor, at)
      expect(journal.heard[0]).toBe(0)
      measured(`nginx that cuts ${way} after 5 s`, { closes: events(journal).length - 1 })
      expect(events(journal)).toEqual(['open'])
    },
  )
})
