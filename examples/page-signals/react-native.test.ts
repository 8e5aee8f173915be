import { ResilientWebSocket } from 'holdfast'
import { scriptedServer, virtualClock } from 'holdfast/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { type AppStateLike, type NetInfoLike, reactNativeSignals } from './react-native.ts'

class FakeAppState implements AppStateLike {
  currentState = 'active'
  readonly handlers = new Set<(state: string) => void>()

  addEventListener(_: 'change', handler: (state: string) => void) {
    this.handlers.add(handler)
    return { remove: () => this.handlers.delete(handler) }
  }

  becomes(state: string): void {
    this.currentState = state
    for (const handler of this.handlers) handler(state)
  }
}

type NetState = Parameters<Parameters<NetInfoLike['addEventListener']>[0]>[0]

class FakeNetInfo implements NetInfoLike {
  state: NetState = { type: 'wifi', isConnected: true }
  readonly handlers = new Set<(state: NetState) => void>()

  addEventListener(handler: (state: NetState) => void) {
    this.handlers.add(handler)
    handler(this.state)
    return () => this.handlers.delete(handler)
  }

  becomes(state: NetState): void {
    this.state = state
    for (const handler of this.handlers) handler(state)
  }
}

let app: FakeAppState
let net: FakeNetInfo

beforeEach(() => {
  app = new FakeAppState()
  net = new FakeNetInfo()
})

function heard(): readonly string[] {
  const said: string[] = []
  reactNativeSignals(app, net)(signal => said.push(signal))
  return said
}

describe('the signals of a React Native app', () => {
  it('begin with nothing for an app in front on a network', () => {
    expect(heard()).toEqual([])
  })

  it('begin with what is so already', () => {
    app.currentState = 'background'
    net.state = { type: 'none', isConnected: false }
    expect(heard()).toEqual(['frozen', 'offline'])
  })

  it('say that it goes to the background and comes back, and nothing of an incoming call', () => {
    const said = heard()
    app.becomes('inactive')
    app.becomes('background')
    app.becomes('active')
    expect(said).toEqual(['frozen', 'resumed'])
  })

  it('say offline and online once each, and nothing while it is not known', () => {
    const said = heard()
    net.becomes({ type: 'unknown', isConnected: null })
    net.becomes({ type: 'none', isConnected: false })
    net.becomes({ type: 'none', isConnected: false })
    net.becomes({ type: 'wifi', isConnected: true })
    expect(said).toEqual(['offline', 'online'])
  })

  it('say that the network is another one', () => {
    const said = heard()
    net.becomes({ type: 'wifi', isConnected: true })
    net.becomes({ type: 'cellular', isConnected: true })
    expect(said).toEqual(['network-changed'])
  })
})

describe('a socket of a React Native app', () => {
  it('dials nothing in the background, at once when the app is back, and listens to nobody after close()', async () => {
    const clock = virtualClock({ rolls: [0.5] })
    const server = scriptedServer(undefined, { clock })
    const socket = new ResilientWebSocket('wss://api.example.com/live', [], {
      clock,
      WebSocket: server.WebSocket,
      pageSignals: reactNativeSignals(app, net),
    })
    await clock.advance(20_000)
    app.becomes('background')
    server.latest.reset()
    await clock.advance(600_000)
    expect(server.dials).toHaveLength(1)
    app.becomes('active')
    await clock.advance(500)
    expect(server.dials).toHaveLength(2)
    socket.close()
    expect([app.handlers.size, net.handlers.size]).toEqual([0, 0])
  })
})
