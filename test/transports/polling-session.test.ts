import { describe, expect, it } from 'vitest'
import { virtualClock } from '../../src/testing/index.ts'
import { polling } from '../../src/transports/polling.ts'
import { greeted } from './heard-carrier.ts'
import { HttpSessionServer, type HttpSessionServerOptions } from './http-session-server.ts'

function world(options: Partial<HttpSessionServerOptions> = {}) {
  const clock = virtualClock()
  const server = new HttpSessionServer({ clock, ...options })
  const transport = polling({ fetch: server.fetch })
  return { clock, server, transport }
}

describe('a session over long polling', () => {
  it('asks at once for what there is, then lets the server hold the question', async () => {
    const { clock, server, transport } = world()
    server.publish('a', 0)
    const { events, frames } = await greeted(transport, clock, [{ topic: 'a', epoch: 'e1', seq: 0 }])
    expect(events).toEqual(['open', 'message welcome', 'message subbed', 'message event'])
    expect(server.asked('poll').map(({ frames: [hello] }) => [hello?.waitMs, hello?.topics])).toEqual([
      [0, [{ topic: 'a', epoch: 'e1', seq: 0 }]],
      [25_000, [{ topic: 'a', epoch: 'e1', seq: 1 }]],
    ])
    await clock.advance(10_000)
    server.publish('a', 1)
    await clock.advance(20)
    expect(frames.at(-1)).toMatchObject({ t: 'event', seq: 2 })
    expect(server.asked('poll')).toHaveLength(3)
    await clock.advance(25_000)
    expect(events.slice(4)).toEqual(['message event', 'message pong'])
    expect(server.asked('poll')).toHaveLength(4)
  })
})
