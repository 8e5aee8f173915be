import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accepts, hangs, refuses, scriptedServer, virtualClock } from '../../src/testing/index.ts'
import { thrownBy } from './hooked.ts'
import { openStory, story } from './story.ts'

describe('send()', () => {
  it('gives nothing, as the platform does, unless it is told how to send', async () => {
    const { clock, socket } = story()
    expect(socket.send('queued')).toBeUndefined()
    await clock.advance(0)
    expect(socket.send('sent')).toBeUndefined()
    socket.close()
    expect(socket.send('discarded')).toBeUndefined()
  })

  it('ignores what the platform ignores: an index, a text, null', async () => {
    const { clock, server, socket } = await openStory()
    ;['a', 'b', 'c'].forEach(socket.send, socket)
    for (const more of [null, undefined, 'more', true]) Reflect.apply(socket.send, socket, ['d', more])
    await clock.advance(0)
    expect(server.received).toEqual(['a', 'b', 'c', 'd', 'd', 'd', 'd'])
  })
})

describe('the handle on a message', () => {
  it('is queued, then sent', async () => {
    const { clock, socket } = story()
    const message = socket.send('a', {})
    expect(message.state).toBe('queued')
    await clock.advance(0)
    expect([message.state, message.cancel(), message.state]).toEqual(['sent', false, 'sent'])
  })

  it('is sent at once on an open connection', async () => {
    const { clock, server, socket } = await openStory()
    const message = socket.send('a', {})
    expect([message.state, message.cancel()]).toEqual(['sent', false])
    await clock.advance(0)
    expect(server.received).toEqual(['a'])
  })

  it('takes its message back while it waits: once, and it alone', async () => {
    const { clock, server, socket, discards } = story()
    const [, b] = ['a', 'bb', 'a'].map(text => socket.send(text, {}))
    expect([b?.cancel(), b?.state, b?.cancel()]).toEqual([true, 'cancelled', false])
    expect([socket.bufferedAmount, discards]).toEqual([2, []])
    await clock.advance(0)
    expect(server.received).toEqual(['a', 'a'])
    expect(b?.state).toBe('cancelled')
  })

  it('makes room when it takes its message back', () => {
    const { socket } = story({ options: { outbox: { maxMessages: 1 } } })
    socket.send('a', {}).cancel()
    expect(socket.send('b', {}).state).toBe('queued')
  })

  it('is dropped when the socket closes, and when it was closed before', async () => {
    const { clock, socket, discards } = story({ behaviour: hangs() })
    await clock.advance(0)
    const message = socket.send('a', {})
    socket.close()
    expect([message.state, message.cancel()]).toEqual(['dropped', false])
    expect(socket.send('b', {}).state).toBe('dropped')
    expect(discards).toEqual([{ messages: 1, bytes: 1, why: 'closed' }])
  })

  it('is dropped when the connection refuses its message', async () => {
    const clock = virtualClock()
    const server = scriptedServer(accepts(), { clock })
    class Refuses extends server.WebSocket {
      override send(): void {
        throw new Error('too big')
      }
    }
    const { socket, problems } = story({ options: { WebSocket: Refuses, clock } })
    const message = socket.send('a', {})
    await clock.advance(0)
    expect([message.state, problems.map(({ code }) => code)]).toEqual(['dropped', ['ERR_SEND']])
    expect(thrownBy(() => socket.send('b', {}))).toMatchObject({ message: 'too big' })
  })

  it('cannot be written', () => {
    const { socket } = story()
    const message = socket.send('a', {})
    expect(Reflect.get(message, 'state')).toBe('queued')
    expect(message.cancel()).toBe(true)
  })
})

describe('whatever becomes of messages', () => {
  it('each is sent once, in order, or told to be gone: nothing else', async () => {
    const message = fc.record({
      volatile: fc.boolean(),
      ttlMs: fc.constantFrom(0, 50, 1_000, 30_000, Infinity),
      cancelAfterMs: fc.constantFrom(null, 0, 40, 2_000),
      waitMs: fc.constantFrom(0, 0, 10, 500, 5_000),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { maxLength: 30 }),
        fc.constantFrom('drop-oldest' as const, 'drop-newest' as const, 'throw' as const),
        fc.nat(),
        async (messages, overflow, seed) => {
          const { clock, server, socket, discards, journal } = story({
            seed,
            behaviour: connection => {
              const behaviours = [accepts(), refuses(), hangs()]
              const { number } = connection.dial
              ;(behaviours[(seed + number) % 3] ?? accepts())(connection)
              if (number % 2) connection.after(700, () => connection.state === 'open' && connection.close(4000))
            },
            options: { outbox: { maxMessages: 4, overflow } },
          })
          const handles: { readonly text: string; readonly state: string }[] = []
          let thrown = 0
          for (const [index, { volatile, ttlMs, cancelAfterMs, waitMs }] of messages.entries()) {
            const text = `${index}`.padStart(3, '0')
            try {
              const handle = socket.send(text, { volatile, ttlMs })
              handles.push({
                text,
                get state() {
                  return handle.state
                },
              })
              if (cancelAfterMs !== null) clock.schedule(clock.now() + cancelAfterMs, () => handle.cancel())
            } catch {
              thrown++
            }
            await clock.advance(waitMs)
          }
          socket.close()
          await clock.advance(60_000)
          const inState = (...states: readonly string[]) => handles.filter(({ state }) => states.includes(state))
          const sent = inState('sent').map(({ text }) => text)
          const arrived = server.received.map(String)
          // What was on its way when a connection broke is lost; what arrived was sent, once, and in order.
          expect(arrived).toEqual(sent.filter(text => arrived.includes(text)))
          expect(inState('sent', 'dropped', 'expired', 'cancelled').length + thrown).toBe(messages.length)
          expect(discards.reduce((sum, discard) => sum + discard.messages, 0)).toBe(
            inState('dropped', 'expired').length,
          )
          expect(overflow === 'throw' || thrown === 0).toBe(true)
          expect([journal.at(-1)?.endsWith('final'), clock.timers]).toEqual([true, 0])
        },
      ),
      { numRuns: 300, seed: Number(process.env.HOLDFAST_SEED ?? 20_250_103) },
    )
  })
})
