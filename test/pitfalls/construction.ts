import { assert } from 'vitest'
import { hangs } from '../../src/testing/index.ts'
import { opened, type Proofs, thrownBy } from './proof.ts'
import { URL_OF_SERVER } from './subject.ts'

export const construction: Proofs = {
  'throws for a bad address in the constructor': async ({ socket }) => {
    const thrown = thrownBy(() => socket({ url: 'wss://feed.example/#part' }))
    assert(thrown === 'SyntaxError', `the constructor threw ${thrown} for an address with a fragment`)
  },

  'knows its url as soon as it is constructed': async ({ socket }) => {
    const { url } = socket()
    assert(url === URL_OF_SERVER, `url was "${url}" after the constructor`)
  },

  'resolves a relative address as the platform does': async trial => {
    const { url } = await opened(trial, { url: '/live' })
    assert(url === 'wss://app.example/live', `url was "${url}" on a connection that was open`)
  },

  'takes nothing but functions and objects for handlers': async ({ socket }) => {
    const made = socket()
    Reflect.set(made, 'onmessage', 'text')
    assert(made.onmessage === null, `onmessage was ${JSON.stringify(made.onmessage)} after it was set to text`)
  },

  'calls handlers and listeners in the order in which they were set': async ({ socket, server, advance }) => {
    const made = socket()
    const called: string[] = []
    made.addEventListener('message', () => called.push('the first, a listener'))
    made.onmessage = () => called.push('the second, onmessage')
    await advance(100)
    server.latest.send('hello')
    await advance(100)
    assert(called[0] === 'the first, a listener', `it called ${called[0]} before ${called[1]}`)
  },

  'calls a handler for an event that the app dispatches': async ({ socket }) => {
    const made = socket()
    let calls = 0
    made.onmessage = () => calls++
    made.dispatchEvent(new MessageEvent('message', { data: 'hello' }))
    assert(calls === 1, 'dispatchEvent() did not reach onmessage')
  },

  'is the target of its own events': async ({ socket, server, advance }) => {
    const made = socket()
    const targets: (EventTarget | null)[] = []
    made.onmessage = ({ target }) => targets.push(target)
    await advance(100)
    server.latest.send('hello')
    await advance(100)
    assert(targets[0] === made, 'event.target was the inner socket in onmessage')
  },

  'calls a listener with `once` one time': async ({ socket, server, advance }) => {
    const made = socket()
    let calls = 0
    made.addEventListener('message', () => calls++, { once: true })
    await advance(100)
    for (const message of ['one', 'two', 'three']) server.latest.send(message)
    await advance(100)
    assert(calls === 1, `a listener with once was called ${calls} times`)
  },

  'tells a close listener a number for the code and text for the reason': async ({ socket, advance }) => {
    const made = socket()
    const told: string[] = []
    made.addEventListener('close', ({ code, reason }) =>
      told.push(`code ${JSON.stringify(code)}, reason ${typeof reason}`),
    )
    await advance(100)
    made.close(4000, 'bye')
    await advance(100)
    assert(told[0] === 'code 4000, reason string', `a listener was told ${told[0]}`)
  },

  'keeps its binaryType on the next connection': async trial => {
    const client = await opened(trial)
    client.binaryType = 'arraybuffer'
    trial.server.latest.reset()
    await trial.advance(20_000)
    assert(trial.server.dials.length === 2, 'it did not come back')
    assert(client.binaryType === 'arraybuffer', `binaryType was "${client.binaryType}" on the second connection`)
  },

  'counts what waits in bytes of UTF-8': async ({ socket, server, advance }) => {
    server.behaviour = hangs()
    const made = socket()
    await advance(100)
    made.send('€€')
    assert(made.bufferedAmount === 6, `bufferedAmount was ${made.bufferedAmount} for "€€"`)
  },
}
