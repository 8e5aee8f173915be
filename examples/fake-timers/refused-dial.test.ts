// What mock-socket does about a refused dial, and the ways around it.
import { type ClosePolicy, ResilientWebSocket, type WebSocketConstructor } from 'holdfast'
import { refuses, scriptedServer } from 'holdfast/testing'
import { WebSocket as MockWebSocket } from 'mock-socket'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BrowserLikeWebSocket } from './browser-like.ts'

const NOBODY_LISTENS = 'wss://nobody.example/'
const trusting: ClosePolicy = ({ code }) => (code === 1000 ? 'stop' : undefined)
const careful: ClosePolicy = ({ origin, code }) => (origin === 'server' && code === 1000 ? 'stop' : undefined)

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

/** Dials for a minute where nobody listens, and tells how each dial ended. */
async function aMinute(WebSocket: WebSocketConstructor, closePolicy?: ClosePolicy) {
  const endings: string[] = []
  const socket = new ResilientWebSocket(NOBODY_LISTENS, [], { WebSocket, ...(closePolicy && { closePolicy }) })
  socket.addEventListener('close', ({ code, wasClean, disconnect }) => {
    endings.push(`${disconnect.origin} ${code} ${wasClean ? 'clean' : 'not clean'}`)
  })
  await vi.advanceTimersByTimeAsync(60_000)
  socket.close()
  await vi.advanceTimersByTimeAsync(60_000)
  return { kinds: [...new Set(endings.slice(0, -1))], dials: endings.length - 1, endings }
}

describe('a refused dial', () => {
  it('closes with 1000, clean, where mock-socket is the class', async () => {
    const { kinds } = await aMinute(MockWebSocket)
    expect(kinds).toEqual(['dial-failed 1000 clean'])
  })

  it('so a policy that trusts the code stops in the test, and would retry in a browser', async () => {
    expect((await aMinute(MockWebSocket, trusting)).endings).toEqual(['dial-failed 1000 clean'])
    expect((await aMinute(BrowserLikeWebSocket, trusting)).dials).toBeGreaterThan(3)
  })

  it('is told by its origin: a policy that asks for it retries with either class', async () => {
    expect((await aMinute(MockWebSocket, careful)).dials).toBeGreaterThan(3)
    expect((await aMinute(BrowserLikeWebSocket, careful)).dials).toBeGreaterThan(3)
  })

  it('closes with 1006, not clean, where the class is wrapped', async () => {
    const { kinds } = await aMinute(BrowserLikeWebSocket)
    expect(kinds).toEqual(['dial-failed 1006 not clean'])
  })

  it('closes with 1006, not clean, where a scripted server refuses it', async () => {
    const { kinds } = await aMinute(scriptedServer(refuses()).WebSocket)
    expect(kinds).toEqual(['dial-failed 1006 not clean'])
  })
})
