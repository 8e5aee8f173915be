import { describe, expect, it, vi } from 'vitest'
import { type Options, ping } from '../../src/index.ts'
import { accepts, closes, echoes, sequence } from '../../src/testing/index.ts'
import { expectNothingLeft, mostDialsIn, type Setting, story } from '../scenarios/story.ts'
import { uncaughtWhile } from '../scenarios/uncaught.ts'

// A text of a megabyte takes its time.
vi.setConfig({ testTimeout: 30_000 })

const OOPS = new Error('a bug of the app')

function throwing(): never {
  throw OOPS
}

/** An object that throws whatever is done to it. */
function minefield(): object {
  const traps = ['get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor']
  return new Proxy({}, Object.fromEntries(traps.map(trap => [trap, throwing])))
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

const twice = (first: unknown, second: unknown): object => ({
  // biome-ignore lint/suspicious/noThenProperty: this is the point
  then: (done: (value: unknown) => void) => {
    done(first)
    done(second)
  },
})

/** What a function of the app may come to, where something else was expected. */
const NONSENSE: Readonly<Record<string, () => unknown>> = {
  throws: throwing,
  'throws nothing': () => {
    throw undefined
  },
  'throws what cannot be shown': () => {
    throw minefield()
  },
  rejects: () => Promise.reject(OOPS),
  'rejects with nothing': () => Promise.reject(),
  hangs: () => new Promise(() => {}),
  'answers null': () => null,
  'answers nothing': () => undefined,
  'answers NaN': () => Number.NaN,
  'answers -1': () => -1,
  'answers a bigint': () => 5n,
  'answers a symbol': () => Symbol('x'),
  'answers a function': () => throwing,
  'answers a list of nothing': () => [undefined],
  'answers an object': () => ({}),
  'answers a null-prototype object': () => Object.create(null),
  'answers an object whose getters throw': () =>
    Object.defineProperties(
      {},
      Object.fromEntries(
        ['token', 'afterMs', 'type', 'ms', 'query', 'protocols', 'length'].map(name => [
          name,
          { get: throwing, enumerable: true },
        ]),
      ),
    ),
  'answers a minefield': minefield,
  'answers a proxy that was revoked': revoked,
  'answers a thenable that never calls back': () => ({
    // biome-ignore lint/suspicious/noThenProperty: this is the point
    then: () => {},
  }),
  'answers a thenable that calls back twice': () => twice(Symbol('first'), 'second'),
  'answers a thenable that throws': () => ({
    // biome-ignore lint/suspicious/noThenProperty: this is the point
    then: throwing,
  }),
  'answers a getter for then that throws': () => Object.defineProperty({}, 'then', { get: throwing }),
  'answers a text that is huge': () => 'x'.repeat(2 ** 20),
}

/** A setting in which that function is asked, and what it should answer. */
type Place = (ask: (sane: unknown) => unknown) => Setting

const given = (options: object): Options => options

const PLACES: Readonly<Record<string, Place>> = {
  'the url function': ask => ({ url: () => ask('wss://feed.example') as string }),
  'the protocols function': ask => ({ protocols: () => ask(['v1']) as string[] }),
  auth: ask => ({ options: given({ auth: () => ask('token') }) }),
  'auth.carry': ask => ({
    options: given({ auth: { provider: () => 'token', carry: () => ask({ protocols: ['v1'] }) } }),
  }),
  'auth.carry.firstMessage': ask => ({
    options: given({ auth: { provider: () => 'token', carry: () => ({ firstMessage: ask('hello') }) } }),
  }),
  beforeOpen: ask => ({ options: given({ beforeOpen: () => ask(undefined), connectTimeoutMs: 1_000 }) }),
  closePolicy: ask => ({ options: given({ closePolicy: () => ask('retry') }) }),
  'closePolicy.afterMs': ask => ({ options: given({ closePolicy: () => ({ afterMs: ask(5) }) }) }),
  backoff: ask => ({ options: given({ backoff: () => ask(100) }) }),
  'heartbeat.judge': ask => ({ options: given({ heartbeat: { judge: () => ask({ type: 'wait', ms: 1_000 }) } }) }),
  'heartbeat.judge.ms': ask => ({ options: given({ heartbeat: { judge: () => ({ type: 'wait', ms: ask(1_000) }) } }) }),
  'heartbeat.message': ask => ({
    options: given({ heartbeat: ping({ everyMs: 1_000, message: () => ask('ping') as string }) }),
  }),
  'heartbeat.isPong': ask => ({ options: given({ heartbeat: ping({ pong: () => ask(false) as boolean }) }) }),
  pageSignals: ask => ({ options: given({ pageSignals: () => ask(() => {}) }) }),
  watch: ask => ({ options: given({ watch: () => ask(undefined) }) }),
}

const HOW_OFTEN = 2
/** What is awaited by nobody: a rejection of it is the platform's to tell, as with any listener. */
const NOT_AWAITED = ['closePolicy', 'backoff', 'heartbeat', 'pageSignals', 'watch']

describe.each(Object.entries(PLACES))('%s', (name, place) => {
  const rejects = NOT_AWAITED.some(each => name.startsWith(each)) || name.includes('.firstMessage')
  const cases = Object.entries(NONSENSE).filter(([how]) => !(rejects && how.startsWith('rejects')))

  it.each(cases)('that %s is survived: told, bounded, and well again when the function is', async (how, nonsense) => {
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
    let asked = 0
    const { options, ...where } = place(sane => (++asked > HOW_OFTEN ? sane : nonsense()))
    const told = story({
      ...where,
      behaviour: sequence(closes({ code: 4000, afterMs: 20 }), closes({ code: 4000, afterMs: 20 }), echoes()),
      options: { ...options, startClosed: true },
    })
    const { clock, socket, closings, problems, dialTimes } = told
    const uncaught = await uncaughtWhile(async () => {
      socket.reconnect()
      await clock.advance(120_000)
    })
    expect(uncaught).toEqual([])
    expect(asked).toBeGreaterThan(0)
    // `null` is an answer of a provider of credentials: nobody is signed in.
    const signedOut = name === 'auth' && how === 'answers null'
    expect(socket.status.state).toBe(signedOut ? 'closed' : 'open')
    expect(closings.filter(({ willReconnect }) => !willReconnect)).toHaveLength(signedOut ? 1 : 0)
    expect(mostDialsIn(10_000, dialTimes())).toBeLessThanOrEqual(6)
    expect(problems.map(({ code }) => code).filter(code => code === 'ERR_DEFECT')).toEqual([])
    // Not one of them prints a megabyte.
    expect(Math.max(0, ...problems.map(({ message }) => message.length))).toBeLessThan(400)
    if (how === 'throws' && name !== 'auth.carry.firstMessage')
      expect([...problems, ...reported.mock.calls]).not.toEqual([])
    await expectNothingLeft(told)
    reported.mockRestore()
  })
})

describe('join and leave of a subscription', () => {
  it.each(Object.entries(NONSENSE))('that %s hold nothing up', async (_, nonsense) => {
    const told = story({ behaviour: sequence(closes({ code: 4000, afterMs: 1_000 }), accepts()) })
    const { clock, socket } = told
    const calls: string[] = []
    const answering = (what: string) => () => {
      calls.push(what)
      return nonsense() as undefined
    }
    const uncaught = await uncaughtWhile(async () => {
      const leave = socket.subscribe('a', { join: answering('join a'), leave: answering('leave a') })
      socket.subscribe('b', { join: () => void calls.push('join b') })
      await clock.advance(30_000)
      leave()
      await clock.advance(1_000)
    })
    expect(uncaught).toEqual([])
    expect(calls.filter(call => call === 'join b')).toHaveLength(2)
    expect(calls.filter(call => call === 'join a')).toHaveLength(2)
    await expectNothingLeft(told)
  })

  it('that answer what is no promise have not failed', async () => {
    const { clock, socket, problems } = story()
    const joined: string[] = []
    socket.subscribe('a', { join: () => joined.push('a') as unknown as undefined })
    await clock.advance(10)
    expect([joined, problems]).toEqual([['a'], []])
    socket.close()
  })
})
