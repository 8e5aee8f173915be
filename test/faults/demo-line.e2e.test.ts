// The controls that do something to the line while it stands, each checked to do what it says: real browser, real time.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Demo } from '../../examples/dashboard/demo.ts'
import { type Stage, stage } from './dashboard/stage.ts'
import { eventually, type Visitor, visitor } from './dashboard/visitor.ts'

vi.setConfig({ testTimeout: 60_000 })

let on: Stage

beforeAll(async () => {
  on = await stage()
}, 60_000)
afterAll(() => on?.close())

/** Most of the time these tests wait, so they run side by side: each with a demo, a page and a line of its own. */
const it = test.extend<{ readonly demo: Demo; readonly ada: Visitor }>({
  // biome-ignore lint/correctness/noEmptyPattern: this is how a fixture says that it needs no other one
  async demo({}, use) {
    const demo = await on.demo()
    await use(demo)
    await demo.close()
  },
  async ada({ demo }, use) {
    const ada = await visitor(on.browser, demo.url)
    await use(ada)
    await ada.page.close()
  },
})

interface Scene {
  readonly demo: Demo
  readonly ada: Visitor
}

const standing = ({ demo }: Scene) => demo.breaker.standing?.type

/** Presses a control, and returns when the line is in that state. */
async function breaks(scene: Scene, name: RegExp, type: string, seconds: 2 | 5 | 15): Promise<void> {
  await scene.ada.faultsLast(seconds)
  await scene.ada.press(name)
  await eventually(() => expect(standing(scene)).toBe(type))
}

async function isMended(scene: Scene): Promise<void> {
  await eventually(() => expect(standing(scene)).toBeUndefined())
}

/** The connection is the first one still, and has in the end brought everything. */
async function hasLostNothing(scene: Scene): Promise<void> {
  const { ada } = scene
  await isMended(scene)
  await ada.staysConnected()
  expect(ada.dials).toHaveLength(1)
  expect(await ada.count('missed')).toBe(0)
  expect(await ada.page.locator('#cause').textContent()).toBe('No disconnect so far.')
}

/** The connection with a hole in its stream is cut when it is mended, and the page is back. */
async function isCutAndBack(scene: Scene): Promise<void> {
  const { ada } = scene
  await isMended(scene)
  await eventually(() => expect(ada.dials.length).toBeGreaterThan(1))
  await ada.reads('#who', 'Signed in as Ada')
  await ada.staysConnected()
}

describe.concurrent('a line that swallows what is said', () => {
  it('leaves a deaf page connected: it hears nothing, and is heard', async ({ ada, demo }) => {
    const scene = { ada, demo }
    await breaks(scene, /^Page is deaf/, 'black-hole', 5)
    await ada.press('Place an order')
    await ada.reads('#age', /^[2-4]\.\d s ago$/)
    expect(await ada.count('placed')).toBe(0)
    await isCutAndBack(scene)
    await ada.reads('#placed', '1')
  })

  it('leaves a mute page connected: it hears everything, and is not heard', async ({ ada, demo }) => {
    const scene = { ada, demo }
    await breaks(scene, /^Page is mute/, 'black-hole', 5)
    await ada.press('Place an order')
    const before = await ada.count('received')
    await eventually(async () => expect(await ada.count('received')).toBeGreaterThan(before + 5))
    expect(standing(scene)).toBe('black-hole')
    expect(await ada.count('placed')).toBe(0)
    await isCutAndBack(scene)
    expect(await ada.count('placed')).toBe(0)
  })

  it('is found dead by the heartbeat, long before it would say so itself', async ({ ada, demo }) => {
    const scene = { ada, demo }
    await breaks(scene, /^Black hole/, 'black-hole', 15)
    await ada.reads('#cause', /^Last disconnect: nothing was heard any more, so it was given up/)
    expect(standing(scene)).toBe('black-hole')
    await isCutAndBack(scene)
  })

  it('lets a dial hang, also when it is mended, until the page gives it up', async ({ ada, demo }) => {
    const scene = { ada, demo }
    await breaks(scene, /^No answer/, 'silence', 2)
    await isMended(scene)
    await ada.reads('#cause', 'Last disconnect: the server did not answer in time.')
    await ada.staysConnected()
  })
})

describe.concurrent('a line that is cut again and again', () => {
  it('lets every connection live for a second', async ({ ada, demo }) => {
    const scene = { ada, demo }
    await breaks(scene, /^Cut after 1 s/, 'cut-after', 5)
    const lived = expect.stringMatching(/^#[2-9] .* websocket lost: 1006 .* after (9\d\d ms|1(\.\d)? s)/)
    await eventually(async () =>
      expect(await ada.page.locator('#log .library').allTextContents()).toContainEqual(lived),
    )
    await isMended(scene)
    await ada.staysConnected()
  })
})

describe.concurrent('a slow line', () => {
  it('holds everything back in a stall, and loses nothing', async ({ ada, demo }) => {
    const scene = { ada, demo }
    await breaks(scene, /^Stall/, 'stall', 5)
    await ada.reads('#age', /^[1-4]\.\d s ago$/)
    await hasLostNothing(scene)
  })

  it('answers 3 s later with a latency of 1.5 s each way', async ({ ada, demo }) => {
    const scene = { ada, demo }
    await breaks(scene, /^Latency/, 'latency', 5)
    const asked = performance.now()
    await ada.press('Place an order')
    await ada.reads('#placed', '1')
    expect(performance.now() - asked).toBeGreaterThanOrEqual(2_900)
    await hasLostNothing(scene)
  })

  it('carries 100 bytes a second, and the rest later', async ({ ada, demo }) => {
    const scene = { ada, demo }
    await breaks(scene, /^Slow line/, 'slow-line', 5)
    const [received, before] = [await ada.count('received'), ada.lags.length]
    await eventually(async () => expect(await ada.count('received')).toBeGreaterThan(received + 1))
    expect(standing(scene)).toBe('slow-line')
    await isMended(scene)
    await ada.staysConnected()
    // No event is shorter than 60 bytes, so in 5 s no more than nine pass: the tenth, of the first 2 s, waits for the end.
    expect(Math.max(...ada.lags.slice(before))).toBeGreaterThanOrEqual(2_500)
    await hasLostNothing(scene)
  })

  it('is late by retransmissions when it loses packets, and complete in the end', async ({ ada, demo }) => {
    const scene = { ada, demo }
    const before = ada.lags.length
    await breaks(scene, /^Packet loss/, 'packet-loss', 5)
    await isMended(scene)
    const lags = ada.lags.slice(before)
    expect(Math.max(...lags)).toBeGreaterThanOrEqual(195)
    expect(Math.min(...lags)).toBeLessThan(195)
    await hasLostNothing(scene)
  })
})
