import { describe, expect, it } from 'vitest'
import type { HookConnection } from '../../src/index.ts'
import { accepts, type Behaviour, type ScriptedConnection, sequence } from '../../src/testing/index.ts'
import { codeOf, deferred, hooked } from './hooked.ts'
import { openStory } from './story.ts'

const MOST_MESSAGES = 1_000
const MOST_BYTES = 1_048_576

/** A server that accepts and says all that at once. */
function says(...messages: readonly (string | ArrayBuffer)[]): Behaviour {
  return connection => {
    connection.accept()
    for (const message of messages) connection.send(message)
  }
}

/** Claims the first message that is exactly that. */
function hear({ receive }: HookConnection, text: string): Promise<MessageEvent> {
  return receive(({ data }) => data === text)
}

describe('what arrives during a hook', () => {
  it('is delivered in order after `open`, when the hook does not claim it', async () => {
    const hook = deferred()
    const { clock, server, journal } = hooked(() => hook.promise, { behaviour: says('a', 'b') })
    await clock.advance(100)
    server.latest.send('c')
    await clock.advance(0)
    expect(journal).toEqual([])
    hook.resolve()
    await clock.advance(0)
    server.latest.send('d')
    await clock.advance(0)
    expect(journal).toEqual(['open', 'message a', 'message b', 'message c', 'message d'])
  })

  it('is binary as binaryType says', async () => {
    const hook = deferred()
    const { clock, socket } = hooked(() => hook.promise, { behaviour: says(new ArrayBuffer(3)) })
    socket.binaryType = 'arraybuffer'
    const sizes: number[] = []
    socket.onmessage = ({ data }) => sizes.push(data.byteLength)
    await clock.advance(0)
    hook.resolve()
    await clock.advance(0)
    expect(sizes).toEqual([3])
  })

  it('never reaches onmessage when the hook claims it', async () => {
    const claimed: unknown[] = []
    const { clock, journal } = hooked(async given => void claimed.push((await hear(given, 'ack')).data), {
      behaviour: says('news', 'ack', 'more news'),
    })
    await clock.advance(0)
    expect(claimed).toEqual(['ack'])
    expect(journal).toEqual(['open', 'message news', 'message more news'])
  })

  it('can be claimed when it has come already', async () => {
    const claimed: unknown[] = []
    const gate = deferred()
    const { clock, journal } = hooked(
      async given => {
        await gate.promise
        claimed.push((await hear(given, 'b')).data, (await given.receive()).data)
      },
      { behaviour: says('a', 'b', 'c') },
    )
    await clock.advance(100)
    gate.resolve()
    await clock.advance(0)
    expect(claimed).toEqual(['b', 'a'])
    expect(journal).toEqual(['open', 'message c'])
  })

  it('is claimed once: two who want the same thing get one each, in the order they asked', async () => {
    const claimed: unknown[] = []
    const { clock, journal } = hooked(
      async ({ receive }) => {
        const one = receive().then(({ data }) => claimed.push(['one', data]))
        const two = receive().then(({ data }) => claimed.push(['two', data]))
        await Promise.all([one, two])
      },
      { behaviour: says('a', 'b', 'c') },
    )
    await clock.advance(0)
    expect(claimed).toEqual([
      ['one', 'a'],
      ['two', 'b'],
    ])
    expect(journal).toEqual(['open', 'message c'])
  })

  it('is not delivered when the connection ends before it is open', async () => {
    const { clock, server, journal } = hooked(({ signal }) => (signal.aborted ? undefined : new Promise(() => {})), {
      behaviour: sequence(says('lost'), accepts()),
    })
    await clock.advance(10)
    server.latest.close(4000)
    await clock.advance(600)
    expect(journal).toEqual(['error', 'close 4000'])
  })

  it('is not delivered when an open listener closes the socket', async () => {
    const hook = deferred()
    const { clock, socket, journal } = hooked(() => hook.promise, { behaviour: says('a', 'b') })
    socket.addEventListener('open', () => socket.close())
    await clock.advance(0)
    hook.resolve()
    await clock.advance(0)
    expect(journal).toEqual(['open', 'close 1005, final'])
  })

  it('stops being delivered when a message listener closes the socket', async () => {
    const hook = deferred()
    const { clock, socket, journal } = hooked(() => hook.promise, { behaviour: says('a', 'b', 'c') })
    socket.addEventListener('message', ({ data }) => data === 'b' && socket.close())
    await clock.advance(0)
    hook.resolve()
    await clock.advance(0)
    expect(journal).toEqual(['open', 'message a', 'message b', 'close 1005, final'])
  })
})

describe('a server that floods a hook', () => {
  const many = (count: number): readonly string[] => Array.from({ length: count }, () => 'x')

  it.each([
    ['1,000 messages', many(MOST_MESSAGES)],
    ['1 MiB of text', ['x'.repeat(MOST_BYTES)]],
    ['1 MiB of bytes', [new ArrayBuffer(MOST_BYTES / 2), new ArrayBuffer(MOST_BYTES / 2)]],
  ])('with %s is heard out', async (_, messages) => {
    const hook = deferred()
    const { clock, journal, problems } = hooked(() => hook.promise, { behaviour: says(...messages) })
    await clock.advance(0)
    hook.resolve()
    await clock.advance(0)
    expect([journal.length, problems]).toEqual([1 + messages.length, []])
  })

  it.each([
    ['more than 1,000 messages', many(MOST_MESSAGES + 500)],
    ['more than 1 MiB of text', ['x'.repeat(MOST_BYTES), 'x']],
    ['more than 1 MiB of bytes', [new ArrayBuffer(MOST_BYTES), new ArrayBuffer(1)]],
  ])('with %s has its connection dropped and reported once, and nothing of it is kept', async (_, messages) => {
    let ended: AbortSignal | undefined
    const { clock, server, journal, closings, problems } = hooked(
      ({ signal }) => {
        ended = signal
        return new Promise(() => {})
      },
      { behaviour: says(...messages) },
    )
    await clock.advance(0)
    expect([journal, ended?.aborted]).toEqual([['error', 'close 1006'], true])
    expect(closings[0]?.disconnect).toMatchObject({ origin: 'hook', next: { type: 'retry' } })
    expect(problems).toMatchObject([{ code: 'ERR_HOOK', message: expect.stringContaining('beforeOpen') }])
    await clock.advance(100)
    expect([server.open, problems.length]).toEqual([[], 1])
  })

  it('does not with what the hook claims', async () => {
    const megabyte = 'x'.repeat(MOST_BYTES)
    let claimed = 0
    const hook = async ({ receive }: HookConnection): Promise<void> => {
      for (; claimed < 3; claimed++) await receive()
    }
    const { clock, server, journal } = hooked(hook, { behaviour: accepts() })
    await clock.advance(0)
    for (let message = 0; message < 3; message++) {
      server.latest.send(megabyte)
      await clock.advance(0)
    }
    expect([claimed, journal]).toEqual([3, ['open']])
  })

  it('does not with what was kept and then claimed', async () => {
    const turns = [deferred(), deferred(), deferred()]
    const hook = async ({ receive }: HookConnection): Promise<void> => {
      for (const { promise } of turns) {
        await promise
        await receive()
      }
    }
    const { clock, server, journal, problems } = hooked(hook)
    await clock.advance(0)
    for (const { resolve } of turns) {
      server.latest.send('x'.repeat(MOST_BYTES))
      await clock.advance(0)
      resolve()
      await clock.advance(0)
    }
    expect([journal, problems]).toEqual([['open'], []])
  })
})

describe('receive()', () => {
  let first = true

  it('goes on claiming after the hook is over, and then gets out of the way', async () => {
    let connection: HookConnection | undefined
    const { clock, server, journal } = hooked(given => {
      connection = given
    })
    await clock.advance(0)
    const pong = connection && hear(connection, 'pong')
    for (const message of ['a', 'pong', 'pong']) server.latest.send(message)
    await clock.advance(0)
    expect((await pong)?.data).toBe('pong')
    expect(journal).toEqual(['open', 'message a', 'message pong'])
  })

  it.each<readonly [string, (server: ScriptedConnection) => void]>([
    ['the server closes', server => server.close(4000)],
    ['the network breaks', server => server.reset()],
    ['the browser fails it', server => server.breakProtocol()],
  ])('rejects with ERR_CLOSED when %s, and so does everything afterwards', async (_, end) => {
    let connection: HookConnection | undefined
    const { clock, server } = hooked(given => {
      connection ??= given
    })
    await clock.advance(0)
    if (!connection) throw new Error('The hook did not run.')
    const { receive, send, signal } = connection
    const waiting = codeOf(receive())
    end(server.latest)
    await clock.advance(0)
    expect([await waiting, await codeOf(receive()), signal.aborted]).toEqual(['ERR_CLOSED', 'ERR_CLOSED', true])
    expect(() => send('x')).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
  })

  it('reports a test that throws, and leaves the message to the others', async () => {
    const cause = new Error('not JSON')
    const { clock, journal, problems } = hooked(
      async given => {
        given.receive(() => {
          throw cause
        })
        await hear(given, 'ack')
      },
      { behaviour: says('news', 'ack') },
    )
    await clock.advance(0)
    expect(journal).toEqual(['open', 'message news'])
    expect(problems.map(({ code }) => code)).toEqual(['ERR_HANDLER', 'ERR_HANDLER'])
    expect(problems[0]?.cause).toBe(cause)
  })

  it('may be given a test that ends the connection: the message goes nowhere', async () => {
    const { clock, journal, server, problems } = hooked(
      async ({ receive, close }) => {
        await receive(() => {
          close(4000)
          return false
        })
      },
      { behaviour: sequence(says('a', 'b'), accepts()) },
    )
    await clock.advance(100)
    expect([journal, problems, server.open]).toEqual([['error', 'close 4000'], [], []])
  })

  it('claims nothing of the next connection', async () => {
    const { clock, server, journal } = await openStory({
      options: {
        beforeOpen: ({ receive }) => {
          if (!first) return
          first = false
          receive()
        },
      },
    })
    server.latest.reset()
    await clock.advance(4_000)
    server.latest.send('a')
    await clock.advance(0)
    expect(journal).toEqual(['close 1006', 'open', 'message a'])
  })
})

describe('a message that is claimed', () => {
  it('counts as received all the same', async () => {
    const { clock, records } = hooked(given => hear(given, 'ack').then(() => {}), { behaviour: says('ack') })
    await clock.advance(0)
    expect(records.at(-1)).toMatchObject({ to: 'open', received: 1 })
  })
})
