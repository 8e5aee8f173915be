import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CarryContext, firstMessage, ResilientError, subprotocol, ticket } from '../../src/index.ts'

const dial = (token: string, protocols: readonly string[] = []): CarryContext => ({
  token,
  url: 'wss://feed.example',
  protocols,
  signal: new AbortController().signal,
})

describe('subprotocol()', () => {
  it('names the companion, and puts it first', () => {
    expect(subprotocol('v1')(dial('abc', ['chat']))).toEqual({
      companion: 'v1',
      protocols: ['v1', 'chat', 'bearer.YWJj'],
    })
  })

  it('does not ask twice for a companion that the app asks for itself', () => {
    expect(subprotocol('v1')(dial('abc', ['chat', 'v1']))).toMatchObject({ protocols: ['v1', 'chat', 'bearer.YWJj'] })
  })

  it('takes another prefix', () => {
    expect(subprotocol('v1', 'auth-')(dial('abc'))).toMatchObject({ protocols: ['v1', 'auth-YWJj'] })
  })

  it('makes a valid subprotocol of every token, and one that can be read back: base64url of its UTF-8, no padding', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), token => {
        const carried = subprotocol('v1', '')(dial(token))
        const [, entry = ''] = 'protocols' in carried ? (carried.protocols ?? []) : []
        expect(entry).toMatch(/^[\w-]+$/)
        expect(Buffer.from(entry, 'base64url').toString()).toBe(token)
        expect(entry).toBe(Buffer.from(token).toString('base64url'))
      }),
    )
  })

  it('takes a token of the length of a long JWT', () => {
    const token = 'é'.repeat(8_000)
    expect(subprotocol('v1', '')(dial(token))).toEqual({
      companion: 'v1',
      protocols: ['v1', Buffer.from(token).toString('base64url')],
    })
  })
})

describe('firstMessage()', () => {
  it('says it in the words of the app', () => {
    expect(firstMessage(token => JSON.stringify({ auth: token }))(dial('abc'))).toEqual({
      firstMessage: '{"auth":"abc"}',
    })
  })
})

describe('ticket()', () => {
  it('puts what it fetched into the query, under the name that was asked for', async () => {
    expect(await ticket(({ token }) => `for ${token}`)(dial('abc'))).toEqual({ query: { ticket: 'for abc' } })
    expect(await ticket(async () => 'x', 't')(dial('abc'))).toEqual({ query: { t: 'x' } })
  })

  it('refuses what is no ticket, without naming it', async () => {
    const refused = ticket((() => ({ value: 'secret' })) as unknown as () => string)(dial('abc'))
    await expect(refused).rejects.toThrow(new ResilientError('ERR_PROVIDER', '`ticket()` fetched no ticket.'))
  })
})
