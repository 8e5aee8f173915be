import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { outbox } from '../../src/core/outbox.ts'

describe('the outbox', () => {
  it('hands messages out in the order they came in', () => {
    const box = outbox<string>(10, 100)
    for (const message of ['a', 'b', 'c']) box.add(message, 1)
    expect([box.take(), box.take(), box.take(), box.take()]).toEqual([
      { message: 'a', bytes: 1 },
      { message: 'b', bytes: 1 },
      { message: 'c', bytes: 1 },
      undefined,
    ])
  })

  it('takes as many messages as it may hold, and refuses the next', () => {
    const box = outbox<string>(2, 100)
    expect([box.add('a', 1), box.add('b', 1), box.add('c', 1)]).toEqual([null, null, 'maxMessages'])
    expect([box.messages, box.bytes]).toEqual([2, 2])
  })

  it('takes as many bytes as it may hold, and refuses the next', () => {
    const box = outbox<string>(10, 5)
    expect([box.add('abc', 3), box.add('de', 2), box.add('f', 1)]).toEqual([null, null, 'maxBytes'])
    expect([box.messages, box.bytes]).toEqual([2, 5])
  })

  it('takes an empty message when its bytes are full', () => {
    const box = outbox<string>(10, 0)
    expect(box.add('', 0)).toBeNull()
  })

  it('has room again when a message was taken', () => {
    const box = outbox<string>(1, 3)
    box.add('abc', 3)
    box.take()
    expect([box.messages, box.bytes, box.add('def', 3)]).toEqual([0, 0, null])
  })

  it('is empty when it was cleared', () => {
    const box = outbox<string>(2, 100)
    box.add('a', 1)
    box.clear()
    expect([box.messages, box.bytes, box.take()]).toEqual([0, 0, undefined])
    expect(box.add('b', 1)).toBeNull()
  })

  it('behaves as a plain list that checks its bounds, whatever is done to it', () => {
    const action = fc.oneof(
      { weight: 4, arbitrary: fc.nat({ max: 9 }) },
      { weight: 3, arbitrary: fc.constant('take' as const) },
      { weight: 1, arbitrary: fc.constant('clear' as const) },
    )
    fc.assert(
      fc.property(fc.array(action), fc.nat({ max: 5 }), fc.nat({ max: 20 }), (actions, maxMessages, maxBytes) => {
        const box = outbox<number>(maxMessages, maxBytes)
        let list: number[] = []
        for (const step of actions) {
          const total = list.reduce((sum, bytes) => sum + bytes, 0)
          if (step === 'take') expect(box.take()?.message).toBe(list.shift())
          else if (step === 'clear') {
            box.clear()
            list = []
          } else if (box.add(step, step) === null) list.push(step)
          else expect(list.length === maxMessages || total + step > maxBytes).toBe(true)
          expect(box.messages).toBe(list.length)
          expect(box.bytes).toBe(list.reduce((sum, bytes) => sum + bytes, 0))
          expect(list.length <= maxMessages && box.bytes <= maxBytes).toBe(true)
        }
      }),
    )
  })
})
