import { ResilientWebSocket } from 'holdfast'
import { scriptedServer, virtualClock } from 'holdfast/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fakePage } from './fake-page.ts'
import { forwardSignals, signalsOfPage } from './worker.ts'

let page: EventTarget
/** The worker's side, and the page's handle on it. */
let scope: EventTarget
let worker: Pick<Worker, 'postMessage'>

beforeEach(() => {
  page = fakePage()
  scope = new EventTarget()
  worker = {
    postMessage: (data: unknown) => scope.dispatchEvent(new MessageEvent('message', { data: structuredClone(data) })),
  }
})

afterEach(() => {
  vi.unstubAllGlobals()
})

const says = (...types: readonly string[]): void => {
  for (const type of types) page.dispatchEvent(new Event(type))
}

describe('the signals of a page, in a worker', () => {
  it('arrive as the page says them, until they are stopped', () => {
    const said: string[] = []
    const stop = signalsOfPage(scope)(signal => said.push(signal))
    const stopPage = forwardSignals(worker)
    says('offline', 'online', 'freeze', 'resume')
    stop()
    says('offline')
    expect(said).toEqual(['offline', 'online', 'frozen', 'resumed'])
    stopPage()
  })

  it('begin with what is so, for a socket that is made later', () => {
    const signals = signalsOfPage(scope)
    forwardSignals(worker)
    says('freeze', 'resume', 'offline')
    const said: string[] = []
    signals(signal => said.push(signal))
    expect(said).toEqual(['resumed', 'offline'])
  })

  it('are none of the other messages between the two', () => {
    const said: string[] = []
    signalsOfPage(scope)(signal => said.push(signal))
    for (const data of ['offline', null, undefined, { type: 'chat', signal: 'offline' }]) worker.postMessage(data)
    expect(said).toEqual([])
  })

  it('end when the page stops passing them on', () => {
    const said: string[] = []
    signalsOfPage(scope)(signal => said.push(signal))
    forwardSignals(worker)()
    says('offline')
    expect(said).toEqual([])
  })
})

describe('a socket in a worker', () => {
  it('dials nothing while the page is frozen, and at once when it is resumed', async () => {
    const clock = virtualClock({ rolls: [0.5] })
    const server = scriptedServer(undefined, { clock })
    const pageSignals = signalsOfPage(scope)
    forwardSignals(worker)
    const options = { clock, WebSocket: server.WebSocket, pageSignals }
    const socket = new ResilientWebSocket('wss://api.example.com/live', [], options)
    await clock.advance(20_000)
    says('freeze')
    server.latest.reset()
    await clock.advance(600_000)
    expect(server.dials).toHaveLength(1)
    says('resume')
    await clock.advance(500)
    expect(server.dials).toHaveLength(2)
    socket.close()
  })
})
