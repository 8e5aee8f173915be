import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { outbox, type Queued } from '../../src/core/outbox.ts'

function queued<T>(message: T, bytes: number, expiresAt = Infinity): Queued<T> {
  return { message, bytes, expiresAt }
}

describe('the outbox', () => {
  it('hands messages out in the order they came in, each as the object that was given', () => {
    const box = outbox(10, 100)
    const given = ['a', 'b', 'c'].map(message => queued(message, 1))
    for (const each of given) box.add(each)
    const taken = [box.take(), box.take(), box.take(), box.take()]
    taken.forEach((each, index) => {
      expect(each).toBe(given[index])
    })
  })

  it('takes as many messages as it may hold, and refuses the next', () => {
    const box = outbox(2, 100)
    expect(['a', 'b', 'c'].map(message => box.add(queued(message, 1)))).toEqual([null, null, 'maxMessages'])
    expect([box.messages, box.bytes]).toEqual([2, 2])
  })

  it('takes as many bytes as it may hold, and refuses the next', () => {
    const box = outbox(10, 5)
    expect(['abc', 'de', 'f'].map(message => box.add(queued(message, message.length)))).toEqual([
      null,
      null,
      'maxBytes',
    ])
    expect([box.messages, box.bytes]).toEqual([2, 5])
  })

  it('takes an empty message when its bytes are full', () => {
    expect(outbox(10, 0).add(queued('', 0))).toBeNull()
  })

  it('has room again when a message was taken', () => {
    const box = outbox(1, 3)
    box.add(queued('abc', 3))
    box.take()
    expect([box.messages, box.bytes, box.add(queued('def', 3))]).toEqual([0, 0, null])
  })

  it('drops what it is told to, says what that was, and keeps the order of the others', () => {
    const box = outbox<Queued<string>>(4, 100)
    for (const message of ['a', 'b', 'c', 'd']) box.add(queued(message, 2))
    const dropped = box.drop(({ message }) => message === 'a' || message === 'c')
    expect(dropped.map(({ message }) => message)).toEqual(['a', 'c'])
    expect([box.messages, box.bytes]).toEqual([2, 4])
    expect([box.take()?.message, box.take()?.message]).toEqual(['b', 'd'])
  })

  it('drops nothing when nothing is meant', () => {
    const box = outbox(4, 100)
    box.add(queued('a', 1))
    expect(box.drop(() => false)).toEqual([])
    expect([box.messages, box.bytes]).toEqual([1, 1])
  })

  it('is empty when everything was dropped, and has all its room', () => {
    const box = outbox(1, 3)
    box.add(queued('abc', 3))
    box.drop(() => true)
    expect([box.messages, box.bytes, box.expiresAt, box.take()]).toEqual([0, 0, Infinity, undefined])
    expect(box.add(queued('def', 3))).toBeNull()
  })

  it('knows when the next message expires, whichever one that is', () => {
    const box = outbox<Queued<string>>(10, 100)
    expect(box.expiresAt).toBe(Infinity)
    box.add(queued('late', 1, 90))
    box.add(queued('soon', 1, 30))
    box.add(queued('never', 1))
    expect(box.expiresAt).toBe(30)
    box.drop(({ expiresAt }) => expiresAt <= 30)
    expect(box.expiresAt).toBe(90)
    box.take()
    expect(box.expiresAt).toBe(Infinity)
  })

  it('behaves as a plain list that checks its bounds, whatever is done to it', () => {
    const message = fc.record({ message: fc.nat(), bytes: fc.nat({ max: 9 }), expiresAt: fc.nat({ max: 20 }) })
    const action = fc.oneof(
      { weight: 4, arbitrary: message },
      { weight: 3, arbitrary: fc.constant('take' as const) },
      { weight: 1, arbitrary: fc.constant('expire' as const) },
    )
    const bytesOf = (list: readonly Queued<number>[]): number => list.reduce((sum, { bytes }) => sum + bytes, 0)
    fc.assert(
      fc.property(fc.array(action), fc.nat({ max: 5 }), fc.nat({ max: 20 }), (actions, maxMessages, maxBytes) => {
        const box = outbox<Queued<number>>(maxMessages, maxBytes)
        let list: readonly Queued<number>[] = []
        for (const step of actions) {
          if (step === 'take') {
            const [first, ...rest] = list
            expect(box.take()).toBe(first)
            list = rest
          } else if (step === 'expire') {
            const soonest = box.expiresAt
            const due = ({ expiresAt }: Queued<number>): boolean => expiresAt <= soonest
            expect(box.drop(due)).toEqual(list.filter(due))
            list = list.filter(each => !due(each))
          } else if (box.add(step) === null) list = [...list, step]
          else expect(list.length === maxMessages || bytesOf(list) + step.bytes > maxBytes).toBe(true)
          expect([box.messages, box.bytes]).toEqual([list.length, bytesOf(list)])
          expect(box.expiresAt).toBe(Math.min(Infinity, ...list.map(({ expiresAt }) => expiresAt)))
          expect(list.length <= maxMessages && box.bytes <= maxBytes).toBe(true)
        }
      }),
    )
  })
})
