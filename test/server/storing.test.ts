import { describe, expect, it } from 'vitest'
import {
  type Addition,
  type Appended,
  type Log,
  LogUnavailable,
  memoryLog,
  type SessionServerOptions,
} from '../../src/server/index.ts'
import { type Endpoint, endpoint } from './wired.ts'

const msg = (id: string, topic = 'a', more: object = {}): object => ({ t: 'msg', id, topic, data: id, ...more })
const ids = (frames: readonly Readonly<Record<string, unknown>>[]): unknown[] => frames.map(({ id }) => id)
const numbered = (from: number, to: number): string[] => {
  return Array.from({ length: to - from + 1 }, (_, index) => `c1-${from + index}`)
}

interface Step {
  readonly topic: string
  readonly additions: readonly Addition[]
  /** Stores so many of them, all by default. */
  done(most?: number): Promise<void>
  failed(error: unknown): Promise<void>
}

/** A server whose log takes each step when the test says so. */
function stepwise(
  options: SessionServerOptions = {},
): Endpoint & { readonly steps: Step[]; stored(): Promise<unknown> } {
  const steps: Step[] = []
  const inner = memoryLog()
  const log: Log = {
    ...inner,
    appendAll(topic, additions) {
      return new Promise((resolve, reject) => {
        steps.push({
          topic,
          additions,
          async done(most = additions.length) {
            const all: Appended[] = []
            for (const { body, dedupe } of additions.slice(0, most)) all.push(await inner.append(topic, body, dedupe))
            resolve(all)
            await server.settle()
          },
          async failed(error) {
            reject(error)
            await server.settle()
          },
        })
      })
    },
  }
  const server = endpoint({ ...options, log })
  return {
    ...server,
    steps,
    async stored() {
      const { epoch } = await inner.head('a')
      return (await inner.read('a', { epoch, seq: 0 }, 100))?.map(({ body }) => JSON.parse(`${body}`))
    },
  }
}

const bodies = (step: Step | undefined): unknown => step?.additions.map(({ body }) => JSON.parse(`${body}`))

/** A promise and what settles it. */
function gate(): { readonly passed: Promise<undefined>; open(): void } {
  let open = (): void => {}
  const passed = new Promise<undefined>(resolve => {
    open = () => resolve(undefined)
  })
  return { passed, open: () => open() }
}

describe('messages that come while others are being stored', () => {
  it('are stored together in the next step, and answered in their order', async () => {
    const { greeted, settle, steps, stored } = stepwise()
    const { send, of } = await greeted()
    send(...numbered(1, 5).map(id => msg(id)))
    await settle()
    expect(steps.map(bodies)).toEqual([['c1-1']])
    await steps[0]?.done()
    expect(ids(of('ok'))).toEqual(['c1-1'])
    expect(bodies(steps[1])).toEqual(numbered(2, 5))
    await steps[1]?.done()
    expect(ids(of('ok'))).toEqual(numbered(1, 5))
    expect(await stored()).toEqual(numbered(1, 5))
  })

  it('are let in one after the other, in order', async () => {
    const seen: string[] = []
    const first = gate()
    const { greeted, settle, steps } = stepwise({
      onMessage({ id }) {
        seen.push(id)
        return id === 'c1-2' ? first.passed : undefined
      },
    })
    const { send } = await greeted()
    send(...numbered(1, 4).map(id => msg(id)))
    await settle()
    expect([seen, steps.map(bodies)]).toEqual([['c1-1', 'c1-2'], [['c1-1']]])
    first.open()
    await settle()
    expect([seen, steps]).toMatchObject([numbered(1, 4), { length: 1 }])
    await steps[0]?.done()
    expect(bodies(steps[1])).toEqual(numbered(2, 4))
  })

  it('are stored topic by topic: a step is of one', async () => {
    const { greeted, settle, steps } = stepwise()
    const { send, of } = await greeted()
    send(msg('c1-1', 'a'), msg('c1-2', 'a'), msg('c1-3', 'b'), msg('c1-4', 'b'), msg('c1-5', 'a'))
    await settle()
    for (let each = 0; each < 4; each++) await steps[each]?.done()
    expect(steps.map(step => [step.topic, bodies(step)])).toEqual([
      ['a', ['c1-1']],
      ['a', ['c1-2']],
      ['b', ['c1-3', 'c1-4']],
      ['a', ['c1-5']],
    ])
    expect(ids(of('ok'))).toEqual(numbered(1, 5))
  })

  it('are 64 in a step, or a MiB', async () => {
    const { greeted, settle, steps } = stepwise({ limits: { inFlight: 200, messageBytes: 2_097_152 } })
    const { send } = await greeted()
    send(...numbered(1, 70).map(id => msg(id)), msg('c1-71', 'a', { data: 'x'.repeat(600_000) }))
    send(msg('c1-72', 'a', { data: 'x'.repeat(600_000) }))
    await settle()
    for (let each = 0; each < 3; each++) await steps[each]?.done()
    expect(steps.map(({ additions }) => additions.length)).toEqual([1, 64, 6, 1])
  })

  it('count as in flight until they are answered', async () => {
    const { greeted, settle, steps } = stepwise({ limits: { inFlight: 2 } })
    const { send, of } = await greeted()
    send(msg('c1-1'), msg('c1-2'), msg('c1-3'))
    await settle()
    expect(of('err')).toEqual([])
    await steps[0]?.done()
    await steps[1]?.done()
    expect(ids(of('ok'))).toEqual(['c1-1', 'c1-2'])
    expect(of('err')).toMatchObject([{ id: 'c1-3', code: 'in-flight', retry: 'later' }])
    send(msg('c1-3'))
    await settle()
    await steps[2]?.done()
    expect(ids(of('ok'))).toEqual(numbered(1, 3))
  })

  it('wait in the network when they are too many bytes', async () => {
    const { greeted, settle, steps } = stepwise({ limits: { messageBytes: 1_024 } })
    const { send, wire } = await greeted()
    const large = { data: 'x'.repeat(600) }
    send(msg('c1-1', 'a', large), msg('c1-2', 'a', large))
    await settle()
    expect(wire.paused).toBe(true)
    await steps[0]?.done()
    expect(wire.paused).toBe(false)
  })

  it('are not stored any more when the connection has ended', async () => {
    const { greeted, settle, steps, context, stored } = stepwise({ authenticate: () => ({ identity: 'me' }) })
    const { send, wire, connection } = await greeted()
    send(msg('c1-1'), msg('c1-2'))
    await settle()
    for (const each of context.roster.of('me', 'down')) each.revoked('me')
    await steps[0]?.done()
    expect([wire.ended?.code, connection.over, steps.length]).toEqual([4202, true, 1])
    expect(await stored()).toEqual(['c1-1'])
  })
})

describe('a step that fails', () => {
  it('refuses its first message, and holds all behind it, those that are just let in included', async () => {
    const hook = gate()
    const { greeted, settle, steps, stored } = stepwise({
      onMessage: ({ id }) => (id === 'c1-5' ? hook.passed : undefined),
    })
    const { send, of } = await greeted()
    send(...numbered(1, 4).map(id => msg(id)))
    await settle()
    await steps[0]?.done()
    send(msg('c1-5'))
    await settle()
    await steps[1]?.failed(new LogUnavailable('away'))
    hook.open()
    await settle()
    expect(of('err').map(({ id, code, retry }) => [id, code, retry])).toEqual([
      ['c1-2', 'unavailable', 'later'],
      ['c1-3', 'held', 'later'],
      ['c1-4', 'held', 'later'],
      ['c1-5', 'held', 'later'],
    ])
    expect(steps).toHaveLength(2)
    send(msg('c1-4'), ...numbered(2, 5).map(id => msg(id)))
    await settle()
    await steps[2]?.done()
    await steps[3]?.done()
    expect(ids(of('err').slice(4))).toEqual(['c1-4'])
    expect(await stored()).toEqual(numbered(1, 5))
  })

  it('at one of its messages has stored those before it, and is tried again from there', async () => {
    const { greeted, settle, steps, stored } = stepwise()
    const { send, of } = await greeted()
    send(...numbered(1, 5).map(id => msg(id)))
    await settle()
    await steps[0]?.done()
    await steps[1]?.done(2)
    expect(ids(of('ok'))).toEqual(numbered(1, 3))
    expect(bodies(steps[2])).toEqual(['c1-4', 'c1-5'])
    await steps[2]?.failed(new LogUnavailable('away'))
    expect(of('err').map(({ id, code }) => [id, code])).toEqual([
      ['c1-4', 'unavailable'],
      ['c1-5', 'held'],
    ])
    expect(await stored()).toEqual(numbered(1, 3))
  })

  it('for good refuses its first message alone', async () => {
    const { greeted, settle, steps, stored } = stepwise()
    const { send, of } = await greeted()
    send(...numbered(1, 4).map(id => msg(id)))
    await settle()
    await steps[0]?.done()
    await steps[1]?.failed(new Error('nobody knows'))
    await steps[2]?.done(0)
    await steps[3]?.done()
    expect(of('err').map(({ id, code, retry }) => [id, code, retry])).toEqual([
      ['c1-2', 'failed', 'never'],
      ['c1-3', 'failed', 'never'],
    ])
    expect(await stored()).toEqual(['c1-1', 'c1-4'])
  })
})

describe('what comes behind a message that is being stored', () => {
  const forbidding: SessionServerOptions = { authorize: ({ data }) => data !== 'c1-2' }

  it('is refused after that one is answered', async () => {
    const { greeted, settle, steps } = stepwise(forbidding)
    const { send, wire } = await greeted()
    send(msg('c1-1'), msg('c1-2'), msg('c1-3'))
    await settle()
    await steps[0]?.done()
    await steps[1]?.done()
    expect(wire.frames.slice(1).map(({ t, id }) => [t, id])).toEqual([
      ['ok', 'c1-1'],
      ['err', 'c1-2'],
      ['ok', 'c1-3'],
    ])
  })

  it('is held, and not refused, when that one is refused for now', async () => {
    const { greeted, settle, steps } = stepwise(forbidding)
    const { send, of } = await greeted()
    send(msg('c1-1'), msg('c1-2'), msg('c2-1'))
    await settle()
    await steps[0]?.failed(new LogUnavailable('away'))
    expect(of('err').map(({ id, code }) => [id, code])).toEqual([
      ['c1-1', 'unavailable'],
      ['c1-2', 'held'],
      ['c2-1', 'bad-id'],
    ])
  })

  it('is a request, a `sub` or an `auth` that waits until it is stored', async () => {
    const done: string[] = []
    const { greeted, settle, steps } = stepwise({
      authenticate: ({ token, reason }) => {
        if (reason === 'auth') done.push(`${token}`)
        return { identity: 'me' }
      },
      onRequest: ({ id }) => void done.push(id),
    })
    const { send, of } = await greeted({ topics: [{ topic: 'b' }] })
    const frames: readonly (readonly [object, () => unknown, unknown])[] = [
      [msg('c1-2', 'a', { request: true }), () => done, ['c1-2']],
      [{ t: 'sub', topic: 'a' }, () => of('subbed').at(-1), { topic: 'a', seq: 2 }],
      [{ t: 'auth', token: 'fresh' }, () => done.at(-1), 'fresh'],
    ]
    for (const [index, [frame, seen, expected]] of frames.entries()) {
      const before = JSON.stringify(seen())
      send(msg(`c1-${10 + index}`), frame)
      await settle()
      expect(JSON.stringify(seen())).toBe(before)
      await steps[index]?.done()
      expect(seen()).toEqual(
        typeof expected === 'object' && !Array.isArray(expected) ? expect.objectContaining(expected) : expected,
      )
    }
  })

  it('is a request that is held when that one is refused for now', async () => {
    const asked: string[] = []
    const { greeted, settle, steps } = stepwise({ onRequest: ({ id }) => void asked.push(id) })
    const { send, of } = await greeted()
    send(msg('c1-1'), msg('c1-2', 'a', { request: true }))
    await settle()
    await steps[0]?.failed(new LogUnavailable('away'))
    expect([asked, of('err').map(({ code }) => code)]).toEqual([[], ['unavailable', 'held']])
  })
})
