import type { NetworkInterfaceInfo } from 'node:os'
import { ResilientWebSocket } from 'holdfast'
import { scriptedServer, virtualClock } from 'holdfast/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { interfaceSignals } from './node.ts'

let there: string[]

beforeEach(() => {
  vi.useFakeTimers()
  there = ['192.0.2.7']
})

afterEach(() => {
  vi.useRealTimers()
})

function interfaces(): NodeJS.Dict<NetworkInterfaceInfo[]> {
  const one = (address: string): NetworkInterfaceInfo => ({
    address,
    netmask: '255.255.255.0',
    family: 'IPv4',
    mac: '00:00:00:00:00:00',
    internal: address.startsWith('127.'),
    cidr: null,
  })
  return { lo: [one('127.0.0.1')], out: there.map(one), gone: undefined }
}

function become(...addresses: string[]): void {
  there = addresses
  vi.advanceTimersByTime(5_000)
}

describe('the signals of a program in Node', () => {
  it('say offline, online, and that the network is another one', () => {
    const said: string[] = []
    interfaceSignals({ interfaces })(signal => said.push(signal))
    become()
    become('192.0.2.7')
    become('198.51.100.3')
    expect(said).toEqual(['offline', 'online', 'network-changed'])
  })

  it('say nothing of the same addresses in another order, nor of those that lead nowhere', () => {
    there = ['192.0.2.7', '192.0.2.8']
    const said: string[] = []
    interfaceSignals({ interfaces })(signal => said.push(signal))
    become('192.0.2.8', '192.0.2.7', 'fe80::1')
    expect(said).toEqual([])
  })

  it('begin with offline where there is no way out', () => {
    there = []
    const said: string[] = []
    interfaceSignals({ interfaces })(signal => said.push(signal))
    expect(said).toEqual(['offline'])
  })

  it('look at the machine when nothing else is given, and end with their timer', () => {
    const stop = interfaceSignals()(() => {})
    expect(vi.getTimerCount()).toBe(1)
    stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a socket of a program in Node', () => {
  it('listens to nothing unless it is given signals, and dials at once on another network', async () => {
    const clock = virtualClock({ rolls: [0.5] })
    const server = scriptedServer(undefined, { clock })
    const connect = { clock, WebSocket: server.WebSocket }
    const plain = new ResilientWebSocket('wss://api.example.com/live', [], connect)
    expect(vi.getTimerCount()).toBe(0)
    const socket = new ResilientWebSocket('wss://api.example.com/live', [], {
      ...connect,
      pageSignals: interfaceSignals({ interfaces }),
    })
    await clock.advance(20_000)
    for (const connection of server.connections) connection.reset()
    await clock.advance(100)
    become('198.51.100.3')
    await clock.advance(500)
    // The other one waits for its backoff.
    expect(server.dials).toHaveLength(3)
    plain.close()
    socket.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})
