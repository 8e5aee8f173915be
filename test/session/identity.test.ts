import { afterEach, describe, expect, it, vi } from 'vitest'
import { type CursorStorage, session } from '../../src/session/index.ts'
import { told } from './told.ts'

/** Like `sessionStorage`. */
class Kept implements CursorStorage {
  readonly items = new Map<string, string>()
  getItem(key: string): string | null {
    return this.items.get(key) ?? null
  }
  setItem(key: string, value: string): void {
    this.items.set(key, value)
  }
  removeItem(key: string): void {
    this.items.delete(key)
  }
}

/** The locks of one browser: who holds which. */
function locks(): { readonly held: Set<string>; readonly navigator: unknown } {
  const held = new Set<string>()
  const request = async (name: string, _: unknown, call: (lock: object | null) => unknown): Promise<unknown> => {
    if (held.has(name)) return call(null)
    held.add(name)
    return call({ name })
  }
  return { held, navigator: { locks: { request } } }
}

afterEach(() => vi.unstubAllGlobals())

/** A page that is loaded, gets so many events, and goes away. */
async function page(
  storage: CursorStorage,
  events: number,
  before = 0,
): Promise<{ readonly hello: unknown; readonly id: string; readonly messages: readonly string[] }> {
  const made = await told({ options: { session: session({ storage }) } })
  const { log, clock, socket, journal } = made
  for (let each = 0; each < before; each++) log.publish('default', `old ${each}`)
  await clock.advance(100)
  for (let each = 0; each < events; each++) log.publish('default', each)
  await clock.advance(2_000)
  const { id } = socket.topic('a').send(1)
  await clock.advance(2_000)
  return { hello: log.said('hello')[0], id, messages: journal.filter(line => line.startsWith('message')) }
}

describe('a session that is stored', () => {
  it('goes on after a reload where it was, under the same client id and with numbers that were not used', async () => {
    const { navigator, held } = locks()
    vi.stubGlobal('navigator', navigator)
    const storage = new Kept()
    const first = await page(storage, 3)
    // The page is gone, and its lock with it.
    held.clear()
    const second = await page(storage, 0)
    expect(second.hello).toMatchObject({ topics: [{ topic: 'default', epoch: 'e1', seq: 3 }] })
    const number = (id: string): number => Number(id.split('-')[1])
    expect(second.id.split('-')[0]).toBe(first.id.split('-')[0])
    expect(number(second.id)).toBeGreaterThan(number(first.id))
  })

  it('has a client id of its own in a duplicated tab, whose storage is a copy', async () => {
    const { navigator } = locks()
    vi.stubGlobal('navigator', navigator)
    const storage = new Kept()
    const first = await page(storage, 3)
    const copy = new Kept()
    for (const [key, value] of storage.items) copy.setItem(key, value)
    const second = await page(copy, 0)
    expect(second.id.split('-')[0]).not.toBe(first.id.split('-')[0])
  })

  it('has another client id where there are no locks: nobody can know who else has this one', async () => {
    vi.stubGlobal('navigator', {})
    const storage = new Kept()
    const first = await page(storage, 1)
    const second = await page(storage, 0)
    expect(second.id.split('-')[0]).not.toBe(first.id.split('-')[0])
    expect(second.hello).toMatchObject({ topics: [{ seq: 1 }] })
  })

  it.each([
    ['no JSON', '{'],
    ['another type', '5'],
    ['a client that is none', '{"client":"<script>","counter":0,"cursors":{}}'],
    ['a counter that is none', `{"client":"${'a'.repeat(32)}","counter":-1,"cursors":{}}`],
    ['cursors that are none', `{"client":"${'a'.repeat(32)}","counter":0,"cursors":{"default":{"epoch":5,"seq":"x"}}}`],
  ])('begins anew with %s in the storage', async (_, stored) => {
    const storage = new Kept()
    storage.setItem('holdfast', stored)
    const { hello } = await page(storage, 0)
    expect(hello).toMatchObject({ topics: [{ topic: 'default' }] })
    expect(JSON.stringify(hello)).not.toContain('epoch')
  })

  it('goes on without a storage that throws, and says so', async () => {
    const denied = (): never => {
      throw new DOMException('denied', 'SecurityError')
    }
    const { problems, journal } = await told({
      options: { session: session({ storage: { getItem: denied, setItem: denied, removeItem: denied } }) },
    })
    expect(journal).toEqual(['open'])
    expect(problems[0]).toMatchObject({ code: 'ERR_HANDLER' })
  })
})
