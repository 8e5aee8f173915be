import PartySocket from 'partysocket'
import { describe, expect, it } from 'vitest'
import { party } from './migrant.ts'
import { type Party, partyUrl } from './partysocket.ts'

/** The address that a PartySocket itself makes of the same options. */
function theirs({ query, ...options }: Party): string {
  return new PartySocket({ ...options, room: options.room ?? '', startClosed: true }).roomUrl
}

describe('the address of a party', () => {
  it.each<Party>([
    { host: 'example.com', room: 'lobby' },
    { host: 'https://example.com/', room: 'lobby' },
    { host: 'localhost:1999', room: 'lobby', party: 'chess' },
    { host: 'localhost', room: 'lobby' },
    { host: '127.0.0.1:1999', room: 'lobby', path: 'games/7' },
    { host: '192.168.1.5', room: 'lobby', prefix: 'agents' },
    { host: '10.0.0.1', room: 'lobby' },
    { host: '172.15.0.1', room: 'lobby' },
    { host: '172.16.0.1', room: 'lobby' },
    { host: '172.31.255.255:80', room: 'lobby' },
    { host: '172.32.0.1', room: 'lobby' },
    { host: '[::ffff:7f00:1]:1999', room: 'lobby' },
    { host: '8.8.8.8', room: 'lobby' },
    { host: 'example.com', basePath: 'own/way' },
    { host: 'example.com', room: 'lobby', protocol: 'ws' },
  ])('is the one that PartySocket makes: %o', async options => {
    const [address, search] = (await partyUrl({ ...options, id: 'me' })()).split('?')
    expect(address).toBe(theirs(options))
    expect(search).toBe('_pk=me')
  })

  it('carries the query, asked anew for every dial, and leaves out what is null', async () => {
    let asked = 0
    const url = partyUrl({
      host: 'example.com',
      room: 'lobby',
      id: 'me',
      query: async () => ({ turn: `${++asked}`, token: null }),
    })
    expect(await url()).toMatch(/\?_pk=me&turn=1$/)
    expect(await url()).toMatch(/\?_pk=me&turn=2$/)
  })

  it('has the same id on every dial, and another one for another party', async () => {
    const [one, other] = [
      partyUrl({ host: 'example.com', room: 'lobby' }),
      partyUrl({ host: 'example.com', room: 'lobby' }),
    ]
    expect(await one()).toBe(await one())
    expect(await one()).not.toBe(await other())
  })

  it('is where a PartyWebSocket connects to', async () => {
    const { clock, server, socket } = party({ url: partyUrl({ host: 'example.com', room: 'lobby', id: 'me' }) })
    await clock.advance(0)
    expect(server.dials[0]?.url).toBe('wss://example.com/parties/main/lobby?_pk=me')
    expect(socket.readyState).toBe(socket.OPEN)
  })
})
