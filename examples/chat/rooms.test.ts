import { describe, expect, it } from 'vitest'
import { type ClientFrame, written } from './frames.ts'
import { rooms } from './rooms.ts'

describe('the rooms', () => {
  /** Somebody who is in the harbour, and what the server has said to them since. */
  function joined(receive: ReturnType<typeof rooms>['receive'], name: string) {
    const told: string[] = []
    const guest = receive({ send: message => told.push(message), close: code => told.push(`closed ${code}`) })
    const say = (frame: ClientFrame): void => guest.heard(written(frame))
    say({ type: 'auth', token: name })
    say({ type: 'join', room: 'harbour' })
    told.length = 0
    return { told, say, guest }
  }

  it('say a line once however often they hear it, and confirm it each time', () => {
    const { receive } = rooms({ names: ['harbour'], nameOf: token => token, now: () => 0 })
    const ada = joined(receive, 'Ada')
    const bob = joined(receive, 'Bob')
    ada.told.length = 0
    const line: ClientFrame = { type: 'say', room: 'harbour', id: 'a1', text: 'Ahoy' }
    ada.say(line)
    ada.say(line)
    expect(bob.told).toHaveLength(1)
    expect(ada.told).toEqual([bob.told[0], bob.told[0]])
  })

  it('hear only members, and close on what is no frame', () => {
    const { receive } = rooms({ names: ['harbour'], nameOf: token => token, now: () => 0 })
    const ada = joined(receive, 'Ada')
    const eve = joined(receive, 'Eve')
    eve.say({ type: 'leave', room: 'harbour' })
    ada.told.length = 0
    eve.say({ type: 'say', room: 'harbour', id: 'e1', text: 'Hello?' })
    expect(ada.told).toEqual([])
    for (const message of ['', '{', '[]', '{"type":"say","room":"harbour"}', null]) eve.guest.heard(message)
    expect(eve.told).toEqual(Array(5).fill('closed 1003'))
  })
})
