import { describe, expect, it } from 'vitest'
import { virtualClock } from '../../src/testing/index.ts'
import { sse } from '../../src/transports/sse.ts'
import { dialled, greeted, hello } from './heard-carrier.ts'
import { HttpSessionServer, type HttpSessionServerOptions } from './http-session-server.ts'

function world(options: Partial<HttpSessionServerOptions> = {}) {
  const clock = virtualClock()
  const server = new HttpSessionServer({ clock, ...options })
  const transport = sse({ fetch: server.fetch })
  return { clock, server, transport }
}

describe('a session over an event stream', () => {
  it('opens before anything is asked, and asks for the stream with hello', async () => {
    const { clock, server, transport } = world()
    const { carrier, events, say } = dialled(transport, clock)
    expect([carrier.readyState, events]).toEqual([0, []])
    expect(() => carrier.send('{}')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }))
    await clock.advance(0)
    expect([carrier.readyState, carrier.protocol, events]).toEqual([1, 'holdfast.v1', ['open']])
    expect(server.heard).toEqual([])
    say(hello({ topic: 'a' }))
    await clock.advance(0)
    const [asked] = server.heard
    expect(asked).toMatchObject({ url: 'https://feed.example/live/stream?x=1', frames: [hello({ topic: 'a' })] })
    expect(events).toEqual(['open', 'message welcome', 'message subbed'])
    server.publish('a', 1)
    await clock.advance(0)
    expect(events.at(-1)).toBe('message event')
  })

  it('asks anew for another topic, once for several, and goes on where it was', async () => {
    const { clock, server, transport } = world()
    const { say, frames } = await greeted(transport, clock, [{ topic: 'a' }])
    server.publish('a', 1)
    await clock.advance(1_000)
    const first = server.stream
    say({ t: 'sub', topic: 'b' })
    say({ t: 'sub', topic: 'c', epoch: 'e1', seq: 0 })
    say({ t: 'unsub', topic: 'c' })
    server.publish('a', 2)
    await clock.advance(0)
    expect(server.asked('stream')).toHaveLength(2)
    expect(first.gone).toBe(true)
    expect(server.stream.hello.topics).toEqual([{ topic: 'a', epoch: 'e1', seq: 2 }, { topic: 'b' }])
    server.publish('a', 3)
    await clock.advance(0)
    expect(frames.map(({ t, topic, seq }) => [t, topic, seq].filter(each => each !== undefined).join(' '))).toEqual([
      'welcome',
      'subbed a 0',
      'event a 1',
      'event a 2',
      'subbed b 0',
      'event a 3',
    ])
  })
})
