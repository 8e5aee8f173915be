import { describe, expect, it } from 'vitest'
import { isTab, tabOf } from '../../../examples/session/server/names.ts'
import { parseWish } from '../../../examples/session/server/wish.ts'

const tab = '0123456789abcdef0123456789abcdef'

describe('what the session page may ask for', () => {
  it.each([
    { type: 'kill', node: 'A' },
    { type: 'drain', node: 'B' },
    { type: 'cut', tab },
    { type: 'silence', tab },
    { type: 'network', tab, blocks: ['websocket', 'sse'] },
    { type: 'network', tab, blocks: [] },
    { type: 'lose-log' },
  ])('includes %o, and drops what else is there', wish => {
    expect(parseWish({ ...wish, other: 1 })).toEqual(wish)
  })

  it.each([
    [null, 'Expected `type` to be one of'],
    ['kill', 'Expected `type` to be one of'],
    [{ type: 'explode' }, 'Expected `type` to be one of'],
    [{ type: 'kill', node: 'C' }, 'Expected `node` to be A or B.'],
    [{ type: 'cut', tab: 'x' }, 'Expected `tab` to be 32 hexadecimal digits.'],
    [{ type: 'network', blocks: [] }, 'Expected `tab` to be 32 hexadecimal digits.'],
    [{ type: 'network', tab, blocks: ['weather'] }, 'Expected `blocks` to be some of websocket, buffer, sse.'],
    [{ type: 'network', tab }, 'Expected `blocks` to be some of'],
    [{ type: 'silence' }, 'Expected `tab` to be 32 hexadecimal digits.'],
  ])('does not include %o, and says why', (body, error) => {
    expect(parseWish(body)).toEqual({ error: expect.stringContaining(error) })
  })

  it('names a topic for one tab, and for nothing that only looks like one', () => {
    expect(isTab(tab)).toBe(true)
    expect(tabOf(`tab.${tab}`)).toBe(tab)
    expect(['ticks', tab, 'tab.', `tab.${tab}0`, `tab.${tab.toUpperCase()}`].map(tabOf)).toEqual(Array(5).fill(null))
  })
})
