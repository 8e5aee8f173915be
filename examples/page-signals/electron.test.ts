import { EventEmitter } from 'node:events'
import { ResilientWebSocket } from 'holdfast'
import { scriptedServer, virtualClock } from 'holdfast/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { electronSignals, forwardPower, type Power, powerBridge } from './electron.ts'
import { fakePage } from './fake-page.ts'

const powerMonitor = new EventEmitter()
const ipcRenderer = new EventEmitter()
/** A window: the page's own events, and what the preload script gave it. */
let page: EventTarget
let power: Power
let stopForwarding: () => void

beforeEach(() => {
  page = fakePage()
  stopForwarding = forwardPower(powerMonitor, {
    send: channel => ipcRenderer.emit(channel, { sender: ipcRenderer }),
  })
  power = powerBridge(ipcRenderer)
})

afterEach(() => {
  stopForwarding()
  vi.unstubAllGlobals()
})

describe('the signals of an Electron window', () => {
  it('say that the machine woke up, and what any page says', () => {
    const said: string[] = []
    const stop = electronSignals(power)(signal => said.push(signal))
    powerMonitor.emit('suspend')
    powerMonitor.emit('resume')
    page.dispatchEvent(new Event('offline'))
    expect(said).toEqual(['woke', 'offline'])
    stop()
    powerMonitor.emit('resume')
    page.dispatchEvent(new Event('online'))
    expect(said).toHaveLength(2)
    expect(ipcRenderer.eventNames()).toEqual([])
  })

  it('give the page nothing of Electron', () => {
    const handler = vi.fn()
    power.onResume(handler)
    powerMonitor.emit('resume')
    expect(handler.mock.calls).toEqual([[]])
    ipcRenderer.removeAllListeners()
  })

  it('leave nothing behind in the main process when a window is gone', () => {
    stopForwarding()
    expect(powerMonitor.eventNames()).toEqual([])
  })
})

describe('a socket of an Electron window', () => {
  it('dials within 0.5 s of the wake-up', async () => {
    const clock = virtualClock({ rolls: [0.9] })
    const server = scriptedServer(undefined, { clock })
    const socket = new ResilientWebSocket('wss://api.example.com/live', [], {
      clock,
      WebSocket: server.WebSocket,
      pageSignals: electronSignals(power),
    })
    await clock.advance(20_000)
    server.latest.reset()
    await clock.advance(100)
    powerMonitor.emit('resume')
    await clock.advance(500)
    expect(server.dials).toHaveLength(2)
    socket.close()
  })
})
