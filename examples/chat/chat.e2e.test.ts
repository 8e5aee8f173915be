// The chat over a real network: its server on loopback, and clients as they would run in Node.
import { setTimeout as after } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type Chat, chat } from './chat.ts'
import { type ChatServer, chatServer } from './server.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const end of undo.splice(0).reverse()) await end()
})

async function started(port = 0): Promise<ChatServer> {
  const server = await chatServer({ port })
  undo.push(() => server.stop())
  return server
}

/** A client that signs in as the page does, and counts how often. */
function client({ url, socketUrl }: ChatServer, name: string) {
  const reasons: string[] = []
  const made: Chat = chat({
    url: socketUrl,
    async signIn({ reason, signal }) {
      reasons.push(reason)
      const response = await fetch(new URL('session', url), { method: 'POST', body: name, signal })
      return response.json()
    },
    // Node 20 has no WebSocket of its own.
    options: { WebSocket, backoff: () => 100 },
  })
  undo.push(() => made.close())
  const lines: string[] = []
  const typists: string[] = []
  const room = made.enter('harbour', {
    line: ({ from, text }) => lines.push(`${from}: ${text}`),
    people: () => {},
    typing: typist => typists.push(typist),
  })
  return { ...room, socket: made.socket, lines, typists, reasons }
}

describe('the chat, over a real network', () => {
  it('talks, survives a restart that forgets every token, and says once what was kept', async () => {
    const server = await started()
    const ada = client(server, 'Ada')
    const bob = client(server, 'Bob')
    await Promise.all([ada.socket.ready(), bob.socket.ready()])
    ada.say('Ahoy')
    await vi.waitFor(() => expect(bob.lines).toEqual(['Ada: Ahoy']))
    bob.typing()
    await vi.waitFor(() => expect(ada.typists).toEqual(['Bob']))

    await server.stop()
    await vi.waitFor(() => expect(ada.socket.status.state).toBe('reconnecting'))
    const kept = ada.say('Still here')
    expect(ada.say('Never mind').cancel()).toBe(true)
    ada.typing()
    await after(300)
    await started(server.port)

    await vi.waitFor(() => expect(bob.lines).toEqual(['Ada: Ahoy', 'Ada: Still here']), 10_000)
    expect(kept.state).toBe('said')
    expect(bob.typists).toEqual([])
    expect([ada.reasons, bob.reasons]).toEqual([
      ['missing', 'refused'],
      ['missing', 'refused'],
    ])
  }, 20_000)

  it('serves its page, with the types taken out', async () => {
    const { url } = await started()
    const page = await fetch(url)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    const html = await page.text()
    expect(html).toContain('src="/page.ts"')
    for (const file of ['page.ts', 'chat.ts', 'frames.ts']) {
      const script = await fetch(new URL(file, url))
      expect(script.headers.get('content-type')).toContain('text/javascript')
      expect(await script.text()).not.toMatch(/interface |readonly /)
    }
    expect((await fetch(new URL('server.ts', url))).status).toBe(404)
  })

  it('answers no page from elsewhere', async () => {
    const { url, socketUrl } = await started()
    const request = { method: 'POST', body: 'Ada', headers: { origin: 'https://elsewhere.example' } }
    expect((await fetch(new URL('session', url), request)).status).toBe(403)
    const socket = new WebSocket(socketUrl, { origin: 'https://elsewhere.example' })
    const status = await new Promise(resolve => {
      socket.on('unexpected-response', (_, response) => resolve(response.statusCode))
      socket.on('open', () => resolve('open'))
    })
    expect(status).toBe(401)
    socket.on('error', () => {})
    socket.terminate()
  })
})
