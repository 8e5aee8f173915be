import { describe, expect, it } from 'vitest'
import { virtualClock } from '../../src/testing/index.ts'

describe('the virtual clock', () => {
  it('begins where it is told, at 0 and in 2025 otherwise', () => {
    expect(virtualClock().now()).toBe(0)
    expect(virtualClock().wall()).toBe(Date.UTC(2025, 0, 1))
    const clock = virtualClock({ now: 500, wall: 9_000 })
    expect([clock.now(), clock.wall()]).toEqual([500, 9_000])
  })

  it('stands still until it is advanced, and moves both times by as much', async () => {
    const clock = virtualClock({ now: 10, wall: 1_000 })
    await new Promise(resolve => setImmediate(resolve))
    expect(clock.now()).toBe(10)
    await clock.advance(2.5)
    expect([clock.now(), clock.wall()]).toEqual([12.5, 1_002.5])
  })

  it('runs what falls due in order, each at its own instant, and those of one instant as they were made', async () => {
    const clock = virtualClock()
    const ran: string[] = []
    for (const [name, at] of [
      ['c', 30],
      ['a', 10],
      ['b1', 20],
      ['b2', 20],
      ['late', 31],
    ] as const) {
      clock.schedule(at, () => ran.push(`${name} ${clock.now()}`))
    }
    await clock.advance(30)
    expect(ran).toEqual(['a 10', 'b1 20', 'b2 20', 'c 30'])
    expect([clock.timers, clock.nextAt]).toEqual([1, 31])
  })

  it('runs in the same advance what was made on the way, if it falls due', async () => {
    const clock = virtualClock()
    const ran: number[] = []
    clock.schedule(10, () => {
      clock.schedule(10, () => ran.push(clock.now()))
      clock.schedule(15, () => ran.push(clock.now()))
      clock.schedule(21, () => ran.push(clock.now()))
    })
    await clock.advance(20)
    expect(ran).toEqual([10, 15])
  })

  it('runs at once what is overdue, without moving back', async () => {
    const clock = virtualClock({ now: 100 })
    const ran: number[] = []
    clock.schedule(5, () => ran.push(clock.now()))
    await clock.advance(0)
    expect(ran).toEqual([100])
  })

  it('lets promises settle before, between and after, however deep', async () => {
    const clock = virtualClock()
    const ran: string[] = []
    const deep = async (name: string): Promise<void> => {
      for (let step = 0; step < 50; step++) await null
      ran.push(name)
    }
    void deep('before')
    clock.schedule(10, () => {
      ran.push('first')
      void deep('between')
    })
    clock.schedule(10, () => {
      ran.push('second')
      void deep('after')
    })
    await clock.advance(10)
    expect(ran).toEqual(['before', 'first', 'between', 'second', 'after'])
  })

  it('forgets a timer that was undone, also one that is undone twice or after it ran', async () => {
    const clock = virtualClock()
    let ran = 0
    const undo = clock.schedule(10, () => ran++)
    const ranAlready = clock.schedule(5, () => ran++)
    undo()
    undo()
    await clock.advance(20)
    ranAlready()
    expect(ran).toBe(1)
    expect(clock.timers).toBe(0)
    expect(clock.nextAt).toBe(Infinity)
  })

  it('sleeps: the wall clock moves on, monotonic time and timers do not', async () => {
    const clock = virtualClock({ wall: 0 })
    let ran = 0
    clock.schedule(10, () => ran++)
    clock.sleep(1_000_000)
    await clock.advance(0)
    expect([clock.now(), clock.wall(), ran]).toEqual([0, 1_000_000, 0])
    await clock.advance(10)
    expect([clock.now(), clock.wall(), ran]).toEqual([10, 1_000_010, 1])
  })

  it('passes on what a timer throws, and can go on after it', async () => {
    const clock = virtualClock()
    const oops = new Error('oops')
    let ran = 0
    clock.schedule(10, () => {
      throw oops
    })
    clock.schedule(20, () => ran++)
    await expect(clock.advance(30)).rejects.toBe(oops)
    expect(clock.now()).toBe(10)
    await clock.advance(20)
    expect([clock.now(), ran]).toEqual([30, 1])
  })

  it('refuses a second advance while one is under way', async () => {
    const clock = virtualClock()
    const first = clock.advance(10)
    await expect(clock.advance(10)).rejects.toThrow('await')
    await first
    expect(clock.now()).toBe(10)
  })

  it('refuses to spin when timers keep falling due without time moving', async () => {
    const clock = virtualClock()
    const again = (): void => void clock.schedule(clock.now(), again)
    again()
    await expect(clock.advance(1)).rejects.toThrow('timers fell due at 0 ms')
  })

  it.each([-1, Number.NaN, Infinity])('refuses to move by %s', async ms => {
    const clock = virtualClock()
    await expect(clock.advance(ms)).rejects.toThrow(RangeError)
    expect(() => clock.sleep(ms)).toThrow(RangeError)
    expect([clock.now(), clock.timers]).toEqual([0, 0])
  })
})

describe('its rolls', () => {
  const rolls = (clock: { roll(): number }): readonly number[] => Array.from({ length: 1_000 }, () => clock.roll())

  it('are the same for the same seed, and others for another', () => {
    expect(rolls(virtualClock({ seed: 7 }))).toEqual(rolls(virtualClock({ seed: 7 })))
    expect(rolls(virtualClock({ seed: 7 }))).not.toEqual(rolls(virtualClock({ seed: 8 })))
  })

  it('are even, in [0, 1), also as the first roll of neighbouring seeds', () => {
    const firsts = Array.from({ length: 1_000 }, (_, seed) => virtualClock({ seed }).roll())
    for (const drawn of [rolls(virtualClock()), firsts]) {
      expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0)
      expect(Math.max(...drawn)).toBeLessThan(1)
      const low = drawn.filter(roll => roll < 0.5).length
      // Five standard deviations of 500 coins in 1,000.
      expect(Math.abs(low - 500)).toBeLessThan(79)
    }
  })

  it('may be scripted, and then the last one repeats', () => {
    const clock = virtualClock({ rolls: [0.1, 0.2] })
    expect([clock.roll(), clock.roll(), clock.roll()]).toEqual([0.1, 0.2, 0.2])
  })

  it.each([[[]], [[1]], [[-0.1]], [[0.5, Number.NaN]]])('may not be scripted as %j', rolls => {
    expect(() => virtualClock({ rolls })).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
  })
})
