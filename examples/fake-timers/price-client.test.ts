import type { AuthProvider } from 'holdfast'
import { WebSocket as MockWebSocket } from 'mock-socket'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { priceClient } from './price-client.ts'
import { priceServer } from './price-server.ts'

const URL_OF_PRICES = 'wss://prices.example/live'
const greeting = (token: string): string => JSON.stringify({ type: 'auth', token })

/** When the native constructor was called, fake ms. */
let dials: number[]
let undo: (() => void)[]

class CountedWebSocket extends MockWebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols)
    dials.push(performance.now())
  }
}

beforeEach(() => {
  dials = []
  undo = []
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', CountedWebSocket)
  // The middle of every window.
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})

afterEach(async () => {
  for (const close of undo) close()
  await vi.runAllTimersAsync()
  expect(vi.getTimerCount()).toBe(0)
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

function listen() {
  const server = priceServer(URL_OF_PRICES)
  undo.push(() => server.stop(1001, 'end of the test'))
  return server
}

/** A client that is open, and time at 0 when it has just become so. */
async function openClient(signIn: AuthProvider = () => 'token-1') {
  const client = priceClient(URL_OF_PRICES, signIn)
  undo.push(client.close)
  await vi.advanceTimersByTimeAsync(20)
  return client
}

describe('a live price client', () => {
  it('shows what the server publishes', async () => {
    const server = listen()
    const client = await openClient()
    server.publish('ACME 101.5')
    expect(client.prices).toEqual(new Map([['ACME', 101.5]]))
    expect(client.banner).toBe('Connected')
  })

  describe('whose token expires while it is connected', () => {
    it('comes back once, with a fresh token', async () => {
      const server = listen()
      const signIn = vi.fn<AuthProvider>(({ reason }) => (reason === 'refused' ? 'token-2' : 'token-1'))
      const client = await openClient(signIn)
      await vi.advanceTimersByTimeAsync(3_600_000)

      server.closeAll(4401, 'token expired')
      await vi.advanceTimersByTimeAsync(1_000)

      expect(signIn.mock.calls.map(([{ reason }]) => reason)).toEqual(['missing', 'refused'])
      expect(server.greetings).toEqual([greeting('token-1'), greeting('token-2')])
      expect(client.banner).toBe('Connected')
      await vi.advanceTimersByTimeAsync(3_600_000)
      expect(dials).toHaveLength(2)
    })

    it('waits for a slow sign-in, and dials nothing with the old token meanwhile', async () => {
      const server = listen()
      const client = await openClient(async ({ reason }) => {
        if (reason === 'missing') return 'token-1'
        await new Promise(resolve => setTimeout(resolve, 5_000))
        return 'token-2'
      })
      server.closeAll(4401, 'token expired')
      await vi.advanceTimersByTimeAsync(4_900)
      expect(client.banner).toBe('Renewing your session…')
      expect(dials).toHaveLength(1)
      await vi.advanceTimersByTimeAsync(200)
      expect(client.banner).toBe('Connected')
      expect(server.greetings).toEqual([greeting('token-1'), greeting('token-2')])
    })

    it('says so when the user has signed out', async () => {
      const server = listen()
      const client = await openClient(({ reason }) => (reason === 'missing' ? 'token-1' : null))
      server.closeAll(4401, 'token expired')
      await vi.advanceTimersByTimeAsync(600_000)
      expect(client.banner).toBe('Signed out')
      expect(dials).toHaveLength(1)
    })
  })

  describe('whose server restarts', () => {
    it.each([
      [0, 0],
      [0.5, 2_000],
      [0.999, 3_996],
    ])('comes back within the first window of 4 s: chance %d, after %d ms', async (chance, waitMs) => {
      vi.mocked(Math.random).mockReturnValue(chance)
      const server = listen()
      const client = await openClient()
      await vi.advanceTimersByTimeAsync(60_000)

      server.stop(1012, 'restart')
      const again = listen()
      const stoppedAt = performance.now()
      await vi.advanceTimersByTimeAsync(4_020)

      expect(dials.slice(1).map(at => Math.round(at - stoppedAt))).toEqual([waitMs])
      again.publish('ACME 99')
      expect(client.prices.get('ACME')).toBe(99)
    })

    it('keeps the last prices on the page, and counts down to the next try', async () => {
      const server = listen()
      const client = await openClient()
      server.publish('ACME 101.5')
      server.stop(1012, 'restart')
      await vi.advanceTimersByTimeAsync(500)
      expect(client.banner).toBe('Reconnecting, next try in 2 s')
      expect(client.prices.get('ACME')).toBe(101.5)
    })
  })

  it('gives up after eight more dials, and says so', async () => {
    const server = listen()
    const client = await openClient()
    await vi.advanceTimersByTimeAsync(60_000)
    server.stop(1012, 'gone for good')
    await vi.advanceTimersByTimeAsync(600_000)
    expect(client.banner).toMatch(/^Disconnected after \d attempts$/)
    expect(dials).toHaveLength(1 + 8)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('stops when the server says that the market has closed', async () => {
    const server = listen()
    const client = await openClient()
    server.closeAll(1000, 'the market has closed')
    await vi.advanceTimersByTimeAsync(600_000)
    expect(client.banner).toBe('Disconnected')
    expect(dials).toHaveLength(1)
  })
})
