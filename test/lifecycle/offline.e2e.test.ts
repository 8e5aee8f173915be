// A browser that says offline: rightly, and wrongly.
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { PATIENCE, SLACK_MS, type Visit, visits } from './visit.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 })

const SPARSE_MS = 30_000
/** Longer than the longest first wait. */
const MEANWHILE_MS = 5_000

// As on Android, where a page is told which network it is on.
const visit = visits('--enable-blink-features=NetInfoDownlinkMax')

interface Said {
  readonly offline?: boolean
  readonly connectionType?: 'wifi' | 'cellular4g'
  readonly latency?: number
}

/** What the browser says of its network; the network itself is as it was. */
async function says({ devtools }: Visit, { offline = false, latency = 0, ...more }: Said): Promise<void> {
  const unlimited = { downloadThroughput: -1, uploadThroughput: -1 }
  await devtools.send('Network.overrideNetworkState', { offline, latency, ...unlimited, ...more })
}

const heard = async ({ messages }: Visit): Promise<number> => (await messages()).length

describe('a page that is offline', () => {
  it('keeps its connection, and hears on it what was held back when it is online again', async () => {
    const visited = await visit()
    await visited.page.setOfflineMode(true)
    await visited.reads('signal offline')
    // What was on its way has arrived.
    await pause(500)
    const before = await heard(visited)
    await pause(2_000)
    expect(await heard(visited)).toBe(before)
    expect(await visited.status()).toMatchObject({ state: 'open', online: false })
    await visited.page.setOfflineMode(false)
    await visited.reads('signal online')
    await expect.poll(() => heard(visited), PATIENCE).toBeGreaterThan(before + 20)
    expect(await visited.status()).toMatchObject({ state: 'open', online: true })
    expect(visited.server.sightings).toMatchObject([{ end: null }])
    expect(await visited.journal('dial', 'error', 'close')).toHaveLength(1)
  })

  it('dials once per 30 s, and within 0.5 s when it is online again', async () => {
    const visited = await visit()
    await visited.page.setOfflineMode(true)
    await visited.reads('signal offline')
    // The app insists: that dial fails at once.
    await visited.page.evaluate('socket.reconnect()')
    const { at } = await visited.reads('dial', 2)
    await visited.reads('error')
    const { state, online, nextRetryAt } = await visited.status()
    expect({ state, online }).toEqual({ state: 'reconnecting', online: false })
    expect((nextRetryAt ?? 0) - at).toBeGreaterThan(SPARSE_MS - SLACK_MS)
    expect((nextRetryAt ?? 0) - at).toBeLessThan(SPARSE_MS + SLACK_MS)
    await pause(MEANWHILE_MS)
    expect(await visited.journal('dial')).toHaveLength(2)
    await visited.page.setOfflineMode(false)
    const back = await visited.reads('signal online')
    expect(await visited.redialled(back.at)).toBeLessThan(500 + SLACK_MS)
  })
})

describe('a page that is told that it is offline, and is not', () => {
  it('goes on hearing, and dials once per 30 s when the server drops it: it may be a LAN', async () => {
    const visited = await visit({ options: '{ heartbeat: holdfast.ping({ everyMs: 1_000 }) }' })
    const { server } = visited
    await says(visited, { offline: true })
    await visited.reads('signal offline')
    const before = await heard(visited)
    await expect.poll(() => heard(visited), PATIENCE).toBeGreaterThan(before + 5)
    expect(await visited.status()).toMatchObject({ state: 'open', online: false })
    expect(server.sightings).toMatchObject([{ end: null }])
    const { at } = await visited.reads('dial')
    server.drop()
    await visited.reads('close 1006')
    const waited = await visited.redialled(at)
    expect(waited).toBeGreaterThan(SPARSE_MS - SLACK_MS)
    expect(waited).toBeLessThan(SPARSE_MS + SLACK_MS)
    expect(await visited.status()).toMatchObject({ state: 'open', online: false })
  })

  it('dials within 0.5 s when it is told otherwise', async () => {
    const visited = await visit()
    await says(visited, { offline: true })
    await visited.reads('signal offline')
    visited.server.drop()
    await visited.reads('close 1006')
    await pause(MEANWHILE_MS)
    expect(visited.server.sightings).toHaveLength(1)
    await says(visited, {})
    const back = await visited.reads('signal online')
    expect(await visited.redialled(back.at)).toBeLessThan(500 + SLACK_MS)
  })
})

describe('a page that is told of its network', () => {
  it('takes another type for another network, and another speed for nothing', async () => {
    const visited = await visit()
    const { page } = visited
    await says(visited, { connectionType: 'wifi', latency: 50 })
    await visited.reads('signal network-changed')
    await page.evaluate(
      `navigator.connection.addEventListener('change', () => journal.push({ at: 0, what: 'changed' }))`,
    )
    await says(visited, { connectionType: 'wifi', latency: 1_500 })
    await visited.reads('changed')
    expect(await visited.journal('signal')).toHaveLength(1)
    await says(visited, { connectionType: 'cellular4g', latency: 1_500 })
    await visited.reads('signal network-changed', 2)
    expect(visited.server.sightings).toMatchObject([{ end: null }])
  })
})
