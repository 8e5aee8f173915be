import { describe, expect, it } from 'vitest'
import { typed } from '../../src/schema/index.ts'
import { thrownBy } from '../scenarios/hooked.ts'
import { asyncSchema, deferred, incoming, outgoing, reportsWhile } from './chat.ts'

interface Arrived {
  readonly data: unknown
  readonly seq: number
}

/** A topic as a session has it: handlers are awaited, and told of. */
class Orders {
  readonly sent: unknown[] = []
  readonly handlers = new Set<(arrived: Arrived) => unknown>()

  on(handler: (arrived: Arrived) => unknown): () => void {
    this.handlers.add(handler)
    return () => this.handlers.delete(handler)
  }

  send(value: unknown, options?: { readonly ttlMs: number }): Promise<string> {
    this.sent.push(options ? [value, options] : value)
    return Promise.resolve('acknowledged')
  }

  /** What each handler answers. */
  arrive(data: unknown, seq = 1): readonly unknown[] {
    return [...this.handlers].map(handler => handler({ data, seq }))
  }
}

describe('a topic with types', () => {
  it('gives values without parsing them, with what they arrived in', () => {
    const topic = new Orders()
    const seen: unknown[] = []
    typed(topic, { incoming, outgoing }).on('message', ({ id }, { seq }) => seen.push([id, seq]))
    topic.arrive({ id: 1 }, 7)
    expect(seen).toEqual([[1, 7]])
  })

  it('sends values, and gives what the topic gives', async () => {
    const topic = new Orders()
    const orders = typed(topic, { incoming, outgoing })
    expect(await orders.send({ text: 'buy' })).toBe('acknowledged')
    await orders.send({ text: 'sell' }, { ttlMs: 5 })
    expect(topic.sent).toEqual([{ text: 'buy', tag: 'none' }, [{ text: 'sell', tag: 'none' }, { ttlMs: 5 }]])
    expect(thrownBy(() => orders.send({ text: '' }))).toMatchObject({ code: 'ERR_INVALID_MESSAGE' })
    expect(topic.sent).toHaveLength(2)
  })

  it('is subscribed to while somebody listens', () => {
    const topic = new Orders()
    const orders = typed(topic, { incoming, outgoing })
    expect(topic.handlers.size).toBe(0)
    const offs = [orders.on('invalid', () => {}), orders.on('message', () => {})]
    expect(topic.handlers.size).toBe(1)
    offs[0]?.()
    expect(topic.handlers.size).toBe(1)
    offs[1]?.()
    expect(topic.handlers.size).toBe(0)
  })

  it('waits for every handler, so that its position moves when they are done', async () => {
    const topic = new Orders()
    const gate = deferred()
    const orders = typed(topic, { incoming, outgoing })
    orders.on('message', () => gate.promise)
    let done = false
    const [answer] = topic.arrive({ id: 1 })
    const waited = Promise.resolve(answer).then(() => {
      done = true
    })
    await Promise.resolve()
    expect(done).toBe(false)
    gate.resolve()
    await waited
    expect(done).toBe(true)
  })

  it('waits for a schema that takes its time, and then for the handlers', async () => {
    const topic = new Orders()
    const order: string[] = []
    const gates = [deferred<number>(), deferred<number>()]
    const orders = typed(topic, { incoming: asyncSchema(() => gates[0]?.promise), outgoing })
    orders.on('message', async value => {
      order.push(`handling ${value}`)
      await gates[1]?.promise
      order.push('handled')
    })
    const [answer] = topic.arrive('a')
    const waited = Promise.resolve(answer).then(() => order.push('settled'))
    gates[0]?.resolve(5)
    for (let tick = 0; tick < 20; tick++) await Promise.resolve()
    expect(order).toEqual(['handling 5'])
    gates[1]?.resolve(0)
    await waited
    expect(order).toEqual(['handling 5', 'handled', 'settled'])
  })

  it('is told in the same task again when nothing waits any more', async () => {
    const topic = new Orders()
    const seen: unknown[] = []
    const orders = typed(topic, {
      incoming: asyncSchema(value => (value === 'slow' ? Promise.resolve(value) : value)),
      outgoing,
    })
    orders.on('message', value => seen.push(value))
    const [slow] = topic.arrive('slow')
    const [behind] = topic.arrive('quick')
    expect(seen).toEqual([])
    await Promise.all([slow, behind])
    expect(topic.arrive('quick')).toEqual([undefined])
    expect(seen).toEqual(['slow', 'quick', 'quick'])
  })

  it('has nothing to wait for where nothing is async', () => {
    const topic = new Orders()
    const orders = typed(topic, { incoming, outgoing })
    orders.on('message', () => 'done')
    expect(topic.arrive({ id: 1 })).toEqual([undefined])
  })

  it('is told of a handler that fails, and nobody else is', async () => {
    const topic = new Orders()
    const cause = new Error('render')
    const reports = await reportsWhile(async () => {
      typed(topic, { incoming, outgoing }).on('message', () => {
        throw cause
      })
      const [answer] = topic.arrive({ id: 1 })
      await expect(answer).rejects.toBe(cause)
    })
    expect(reports).toEqual([])
  })

  it('has handled what is invalid when somebody was told of it', async () => {
    const topic = new Orders()
    const paths: unknown[] = []
    typed(topic, { incoming, outgoing }).on('invalid', ({ issues, arrival }) =>
      paths.push(issues[0]?.path, arrival.seq),
    )
    expect(topic.arrive({ id: '1' }, 9)).toEqual([undefined])
    expect(paths).toEqual(['id', 9])
  })
})
