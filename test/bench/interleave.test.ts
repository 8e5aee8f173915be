import { describe, expect, it } from 'vitest'
import { interleave } from '../../bench/interleave.ts'

describe('subjects that are measured side by side', () => {
  it('take turns in rotating order, each in every round, and are started anew in each generation', async () => {
    const order: string[] = []
    const starter = (name: string) => async () => {
      order.push(`+${name}`)
      return {
        async measure() {
          order.push(name)
          return { ns: order.length }
        },
        stop: () => order.push(`-${name}`),
      }
    }
    const rhythm = { generations: 2, warmUp: 0, rounds: 1, turns: 2 }
    const found = await interleave([starter('a'), starter('b')], rhythm, () => {})
    const once = ['+a', '+b', 'a', 'b', 'b', 'a', '-a', '-b']
    expect(order).toEqual([...once, ...once])
    expect(found.map(readings => readings.length)).toEqual([2, 2])
  })

  it('have the mean of their turns as the sample of a round, without the turns that warm up', async () => {
    let turn = 0
    const start = async () => ({ measure: async () => ({ ns: turn++ < 3 ? 1_000 : turn }), stop() {} })
    const rhythm = { generations: 1, warmUp: 3, rounds: 2, turns: 2 }
    expect(await interleave([start], rhythm, () => {})).toEqual([[{ ns: 4.5 }, { ns: 6.5 }]])
  })

  it('are stopped when one of them fails', async () => {
    const stopped: string[] = []
    const fails = async () => ({
      measure: () => Promise.reject(new Error('broken')),
      stop: () => stopped.push('fails'),
    })
    const works = async () => ({ measure: async () => ({ ns: 1 }), stop: () => stopped.push('works') })
    const rhythm = { generations: 1, warmUp: 0, rounds: 1, turns: 1 }
    await expect(interleave([works, fails], rhythm, () => {})).rejects.toThrow('broken')
    expect(stopped).toEqual(['works', 'fails'])
  })
})
