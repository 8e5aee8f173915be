// Many instances, one log: clients that are moved from node to node, nodes that are killed, and a Redis that is restarted.
import { setTimeout as after } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { runnableProxies } from '../proxies/runnable.ts'
import { type Fleet, fleet } from './fleet.ts'
import { type Wanderer, wanderer } from './wanderer.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

describe.runIf(runnableProxies().some(({ name }) => name === 'nginx'))('two nodes, nginx and one Redis', () => {
  let its: Fleet
  const clients: Wanderer[] = []
  let everybody = 0

  beforeAll(async () => {
    its = await fleet()
  })
  afterAll(() => its.close())
  afterEach(() => {
    for (const client of clients.splice(0)) client.close()
  })

  async function four(): Promise<readonly Wanderer[]> {
    for (let each = 0; each < 4; each += 1) {
      everybody += 1
      clients.push(wanderer(its.url, `w${everybody}`))
    }
    await Promise.all(clients.map(({ ready }) => ready))
    return clients
  }

  /** All of them send while `happens` does, and a little longer; resolves when everything is acknowledged, with what was. */
  async function under(happens: () => Promise<void>): Promise<readonly string[]> {
    let over = false
    const sent: string[] = []
    const senders = clients.map(async (client, who) => {
      for (let each = 0; !over; each += 1) {
        const data = `${who}.${each}`
        sent.push(data)
        await client.send(data)
        await after(3)
      }
    })
    await after(100)
    await happens()
    await after(100)
    over = true
    await Promise.all(senders)
    return sent
  }

  const servedByBoth = (): boolean => clients.every(({ servedBy }) => servedBy.size === 2)

  const moveAll = async (times: number): Promise<void> => {
    for (let each = 0; each < times; each += 1) {
      for (const client of clients) {
        client.move()
        await after(20)
      }
    }
  }

  /** Everything that was acknowledged reached everybody, once, in one order, and nothing was told to be missing. */
  async function nothingIsMissing(sent: readonly string[]): Promise<void> {
    await vi.waitFor(() => expect(clients.map(({ heard }) => heard.length)).toEqual(clients.map(() => sent.length)), {
      timeout: 10_000,
    })
    expect([...(clients[0]?.heard ?? [])].sort()).toEqual([...sent].sort())
    for (const { heard, wrong } of clients) {
      expect(heard).toEqual(clients[0]?.heard)
      expect(wrong).toEqual([])
    }
  }

  it('move clients from one to the other, and nothing is lost, doubled or out of order', async () => {
    await four()
    const sent = await under(async () => {
      for (let rounds = 0; rounds < 6 || (rounds < 40 && !servedByBoth()); rounds += 1) await moveAll(1)
    })
    await nothingIsMissing(sent)
    expect(sent.length).toBeGreaterThan(50)
    expect(servedByBoth()).toBe(true)
  })

  it('lose one by kill -9, and nothing is lost, doubled or out of order', async () => {
    await four()
    const sent = await under(async () => {
      await its.nodes[0].kill()
      await after(200)
      await its.nodes[0].start()
      await moveAll(2)
    })
    await nothingIsMissing(sent)
  })

  it('lose their Redis by kill -9, which kept everything: nothing is lost, and no gap is told', async () => {
    await four()
    const sent = await under(async () => {
      await its.redis.stop('SIGKILL')
      await its.redis.start()
      await moveAll(2)
    })
    await nothingIsMissing(sent)
  })

  it('lose what Redis held: everybody is told of one gap, before anything later', async () => {
    await four()
    const sent = await under(async () => {
      await its.redis.stop('SIGKILL')
      await its.redis.forget()
      await its.redis.start()
      await moveAll(2)
      await vi.waitFor(() => expect(clients.map(({ heard }) => heard.includes('gap:epoch'))).not.toContain(false), {
        timeout: 10_000,
      })
    })
    const last = clients.map((_, who) => `last of ${who}`)
    await Promise.all(clients.map((client, who) => client.send(`last of ${who}`)))
    // What was acknowledged from the new epoch on is the same for everybody.
    const later = (heard: readonly string[]): readonly string[] => heard.slice(heard.indexOf('gap:epoch') + 1)
    await vi.waitFor(
      () => {
        for (const { heard } of clients) {
          expect(heard.filter(each => each.startsWith('gap:'))).toEqual(['gap:epoch'])
          expect([...heard.slice(-last.length)].sort()).toEqual(last)
        }
      },
      { timeout: 10_000 },
    )
    const shortest = [...clients.map(({ heard }) => later(heard))].sort((one, two) => one.length - two.length)[0] ?? []
    expect(shortest.length).toBeGreaterThanOrEqual(last.length)
    for (const { heard, wrong } of clients) {
      expect(wrong).toEqual([])
      // Nobody is replayed what stands before the gap: the snapshot that it fetches has it.
      expect(later(heard).slice(-shortest.length)).toEqual(shortest)
      expect([...sent, ...last]).toEqual(expect.arrayContaining([...later(heard)]))
    }
  })
})
