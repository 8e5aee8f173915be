import type { AuthProvider } from 'holdfast'
import { accepts } from 'holdfast/testing'
import { describe, expect, it, vi } from 'vitest'
import type { Chat, Room } from './chat.ts'
import { written } from './frames.ts'
import { scriptedChat } from './scripted-chat.ts'

/** A room as one user sees it. */
function looking(client: Chat, name = 'harbour') {
  const lines: string[] = []
  const typists: string[] = []
  let people: readonly string[] = []
  const room: Room = client.enter(name, {
    line: ({ from, text }) => lines.push(`${from}: ${text}`),
    people: names => {
      people = names
    },
    typing: name => typists.push(name),
  })
  return {
    ...room,
    lines,
    typists,
    get people() {
      return people
    },
  }
}

const join = { type: 'join', room: 'harbour' }

describe('a chat', () => {
  it('says a line to everybody in the room, and to nobody else', async () => {
    const { clock, client } = scriptedChat()
    const ada = looking(client('Ada'))
    const bob = looking(client('Bob'))
    const eve = looking(client('Eve'), 'lighthouse')
    await clock.advance(0)
    expect(ada.people).toEqual(['Ada', 'Bob'])
    const saying = ada.say('Ahoy')
    expect(saying.state).toBe('sent')
    await clock.advance(0)
    expect(saying.state).toBe('said')
    expect([ada.lines, bob.lines, eve.lines]).toEqual([['Ada: Ahoy'], ['Ada: Ahoy'], []])
  })

  describe('authenticates', () => {
    it('before it is open, and says nothing before that', async () => {
      const { clock, server, client, heard } = scriptedChat()
      server.behaviour = accepts()
      const chat = client('Ada')
      const opened = vi.fn()
      chat.socket.addEventListener('open', opened)
      looking(chat).say('Ahoy')
      await clock.advance(9_000)
      expect(opened).not.toHaveBeenCalled()
      expect(chat.socket.status.state).toBe('connecting')
      expect(heard(1)).toEqual(['auth'])

      server.latest.send(written({ type: 'welcome', name: 'Ada' }))
      await clock.advance(0)
      expect(opened).toHaveBeenCalledOnce()
      expect(heard(1)).toMatchObject(['auth', join, { type: 'say', text: 'Ahoy' }])
    })

    it('anew with a fresh token when the server refuses the old one, and then joins', async () => {
      const { clock, good, client, server, heard } = scriptedChat()
      good.set('fresh', 'Ada')
      const signIn = vi.fn<AuthProvider>(({ reason }) => (reason === 'refused' ? 'fresh' : 'stale'))
      const ada = looking(client('Ada', signIn))
      await clock.advance(1_000)
      expect(signIn.mock.calls.map(([{ reason }]) => reason)).toEqual(['missing', 'refused'])
      expect(server.dials).toHaveLength(2)
      expect([heard(1), heard(2)]).toEqual([['auth'], ['auth', join]])
      expect(ada.people).toEqual(['Ada'])
    })

    it('before the token expires, with the next one, and is away for no time at all', async () => {
      const { clock, good, client, server } = scriptedChat()
      let count = 0
      const signIn: AuthProvider = () => {
        const token = `token-${++count}`
        good.set(token, 'Ada')
        return { token, expiresAt: clock.wall() + 900_000 }
      }
      const chat = client('Ada', signIn)
      const ada = looking(chat)
      await clock.advance(715_000)
      expect(server.dials).toHaveLength(1)
      await clock.advance(10_000)
      expect(server.dials).toHaveLength(2)
      expect(count).toBe(2)
      expect(chat.socket.status.state).toBe('open')
      ada.say('Still here')
      await clock.advance(0)
      expect(ada.lines).toEqual(['Ada: Still here'])
    })

    it('in vain with a token that is never good: it ends after three refusals, and has said nothing', async () => {
      const { clock, client, server } = scriptedChat()
      let count = 0
      const chat = client('Ada', () => `bad-${++count}`)
      looking(chat).say('Ahoy')
      await clock.advance(600_000)
      expect(chat.socket.status.cause?.next).toEqual({ type: 'stop', by: 'unauthorized' })
      expect(server.dials).toHaveLength(3)
      expect(server.received.every(message => String(message).includes('auth'))).toBe(true)
    })
  })

  describe('after a restart of the server', () => {
    it('joins each room once, however many look at it', async () => {
      const { clock, client, heard, restart } = scriptedChat()
      const chat = client('Ada')
      const looks = [looking(chat), looking(chat), looking(chat, 'lighthouse')]
      await clock.advance(20_000)
      restart()
      await clock.advance(4_000)
      expect(heard(2)).toEqual(['auth', join, { type: 'join', room: 'lighthouse' }])
      expect(looks.map(({ people }) => people)).toEqual([['Ada'], ['Ada'], ['Ada']])
    })

    it('does not join a room that was left meanwhile', async () => {
      const { clock, client, heard, restart } = scriptedChat()
      const chat = client('Ada')
      const harbour = looking(chat)
      looking(chat, 'lighthouse')
      await clock.advance(20_000)
      restart()
      await clock.advance(0)
      harbour.leave()
      await clock.advance(4_000)
      expect(heard(2)).toEqual(['auth', { type: 'join', room: 'lighthouse' }])
    })

    it('shows what was said while it was away, once', async () => {
      const { clock, server, client } = scriptedChat()
      const bob = looking(client('Bob'))
      await clock.advance(20_000)
      bob.say('Before')
      await clock.advance(0)
      server.latest.reset()
      const ada = looking(client('Ada'))
      await clock.advance(1_000)
      ada.say('Meanwhile')
      await clock.advance(4_000)
      expect(bob.lines).toEqual(['Bob: Before', 'Ada: Meanwhile'])
    })
  })

  describe('while it is offline', () => {
    it('drops that somebody types, and keeps what they say', async () => {
      const { clock, client, heard, restart } = scriptedChat()
      const ada = looking(client('Ada'))
      const bob = looking(client('Bob'))
      await clock.advance(20_000)
      ada.typing()
      await clock.advance(0)
      expect(bob.typists).toEqual(['Ada'])

      restart()
      await clock.advance(0)
      ada.typing()
      ada.say('Back again')
      await clock.advance(4_000)
      expect(bob.typists).toEqual(['Ada'])
      expect(bob.lines).toEqual(['Ada: Back again'])
      expect([...heard(3), ...heard(4)].filter(frame => frame !== 'auth' && frame.type === 'typing')).toEqual([])
    })

    it('lets a line be taken back, and only that one', async () => {
      const { clock, client, heard, restart } = scriptedChat()
      const ada = looking(client('Ada'))
      const bob = looking(client('Bob'))
      await clock.advance(20_000)
      restart()
      await clock.advance(0)
      const rash = ada.say('You are wrong')
      ada.say('Let me think about it')
      expect(rash.state).toBe('queued')
      expect(rash.cancel()).toBe(true)
      expect(rash.state).toBe('cancelled')
      await clock.advance(4_000)
      expect(bob.lines).toEqual(['Ada: Let me think about it'])
      expect(heard(3)).toMatchObject(['auth', join, { type: 'say', text: 'Let me think about it' }])
      expect(rash.cancel()).toBe(false)
    })

    it('gives up a line after five minutes', async () => {
      const { clock, server, client } = scriptedChat()
      const ada = looking(client('Ada'))
      await clock.advance(20_000)
      const serve = server.behaviour
      server.behaviour = connection => connection.refuse()
      server.latest.reset()
      await clock.advance(0)
      const saying = ada.say('Does anybody hear me?')
      await clock.advance(300_000)
      expect(saying.state).toBe('expired')
      server.behaviour = serve
      await clock.advance(60_000)
      expect(ada.lines).toEqual([])
      expect(ada.people).toEqual(['Ada'])
    })
  })

  describe('a line on its way when the connection breaks', () => {
    it('is said again if the server never heard it', async () => {
      const { clock, server, client } = scriptedChat()
      const ada = looking(client('Ada'))
      await clock.advance(20_000)
      const saying = ada.say('Ahoy')
      server.latest.reset()
      await clock.advance(1_000)
      expect(saying.state).toBe('sent')
      await clock.advance(4_000)
      expect(saying.state).toBe('said')
      expect(ada.lines).toEqual(['Ada: Ahoy'])
    })

    it('is not doubled if the server did hear it', async () => {
      const story = scriptedChat()
      const { clock, server, client } = story
      const bob = looking(client('Bob'))
      const ada = looking(client('Ada'))
      await clock.advance(20_000)
      story.muted = server.latest
      const saying = ada.say('Ahoy')
      await clock.advance(0)
      server.latest.reset()
      await clock.advance(4_000)
      expect(saying.state).toBe('said')
      ada.say('Anybody there?')
      await clock.advance(0)
      expect(ada.lines).toEqual(['Ada: Ahoy', 'Ada: Anybody there?'])
      expect(bob.lines).toEqual(ada.lines)
    })
  })

  it('takes each answer for the room that it is about, in whatever order they come', async () => {
    const { clock, client, server } = scriptedChat()
    server.behaviour = accepts()
    const chat = client('Ada')
    const looks = [looking(chat), looking(chat, 'lighthouse')]
    await clock.advance(0)
    server.latest.send(written({ type: 'welcome', name: 'Ada' }))
    await clock.advance(0)
    server.latest.send(written({ type: 'joined', room: 'lighthouse', people: ['Ada', 'Eve'], lines: [] }))
    server.latest.send(written({ type: 'joined', room: 'harbour', people: ['Ada', 'Bob'], lines: [] }))
    await clock.advance(0)
    expect(looks.map(({ people }) => people)).toEqual([
      ['Ada', 'Bob'],
      ['Ada', 'Eve'],
    ])
  })

  it('reports a room that the server refuses, and stays open', async () => {
    const { clock, client } = scriptedChat()
    const chat = client('Ada')
    const problems: unknown[] = []
    chat.socket.on('problem', ({ code, cause }) => problems.push([code, cause]))
    looking(chat, 'nowhere')
    await clock.advance(0)
    expect(problems).toEqual([['ERR_SUBSCRIPTION', new Error('There is no such room.')]])
    expect(chat.socket.readyState).toBe(chat.socket.OPEN)
  })

  it('leaves a room when nobody looks at it any more', async () => {
    const { clock, client, heard } = scriptedChat()
    const chat = client('Ada')
    const looks = [looking(chat), looking(chat)]
    await clock.advance(0)
    looks[0]?.leave()
    await clock.advance(0)
    expect(heard(1)).toEqual(['auth', join])
    looks[1]?.leave()
    await clock.advance(0)
    expect(heard(1)).toEqual(['auth', join, { type: 'leave', room: 'harbour' }])
  })

  it('leaves nothing behind when it is closed', async () => {
    const { clock, client, server } = scriptedChat()
    const chat = client('Ada')
    looking(chat)
    await clock.advance(20_000)
    chat.close()
    await clock.advance(1_000)
    expect(clock.timers).toBe(0)
    expect(server.open).toEqual([])
  })
})
