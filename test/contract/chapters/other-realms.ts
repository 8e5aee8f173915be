import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Realm, realmBehind } from '../realms/conversation.ts'
import type { ScenarioName } from '../realms/scenarios.ts'
import { accepts, closes, counts, echoes, holds, refuses } from '../server.ts'
import type { Subject } from '../subject.ts'

interface Row {
  readonly name: ScenarioName
  readonly does: string
  readonly urls: () => readonly string[]
  readonly expected: unknown
}

/** The core of the contract, in a dedicated worker and in a page that is not the top one. */
export function otherRealms({ startWorker, pageScript, expected, inThisEngine }: Subject): void {
  const rows: readonly Row[] = [
    {
      name: 'echo',
      does: 'sends and receives text',
      urls: () => [echoes().url],
      expected: '€ there and back',
    },
    {
      name: 'binary',
      does: 'sends and receives bytes of both types',
      urls: () => [echoes().url],
      expected: [2, [3]],
    },
    {
      name: 'realmOfEvents',
      does: 'fires events of its realm',
      urls: () => [echoes().url],
      expected: [true, true, true],
    },
    {
      name: 'realmOfErrors',
      does: 'throws errors of its realm',
      urls: () => [accepts().url],
      expected: [true, true],
    },
    {
      name: 'shape',
      does: 'has the shape of the interface',
      urls: () => [accepts().url],
      expected: [true, '[object WebSocket]', true, [0, 1, 2, 3], [0, true, 'blob', null]],
    },
    {
      name: 'wrongUrls',
      does: 'refuses wrong URLs',
      urls: () => [],
      expected: ['SyntaxError', 'SyntaxError', 'SyntaxError', 'SyntaxError'],
    },
    {
      name: 'protocols',
      does: 'checks and selects protocols',
      urls: () => [accepts('b').url],
      expected: ['SyntaxError', 'b'],
    },
    {
      name: 'earlySend',
      does: 'answers send() while connecting as decided',
      urls: () => [holds().url],
      expected: expected('send() while connecting', 'InvalidStateError') === 'queues' ? 'returns' : 'InvalidStateError',
    },
    {
      name: 'refusedHandshake',
      does: 'reports a refused handshake',
      urls: () => [refuses(401).url],
      expected: [['error', 'close'], 1006, '', false],
    },
    {
      name: 'closeCodes',
      does: 'checks, sends and reports close codes',
      urls: () => [accepts().url],
      expected: [['InvalidAccessError', 'SyntaxError'], 1, 2, 3, 3210, 'from afar', true],
    },
    {
      name: 'closeEarly',
      does: 'closes before the connection is open',
      urls: () => [holds().url],
      expected: [2, ['error', 'close'], 1006, false, 3],
    },
    {
      name: 'serverCloses',
      does: 'reports a close of the server',
      urls: () => [closes(4444, 'enough').url],
      expected: [4444, 'enough', true],
    },
    {
      name: 'handlers',
      does: 'calls handlers in their place',
      urls: () => [accepts().url],
      expected: ['before', true, true, 'after', null],
    },
    {
      name: 'throwingHandler',
      does: 'reports what a handler throws to its global scope',
      urls: () => [accepts().url],
      expected: [['onopen fails'], WebSocket.OPEN],
    },
    {
      name: 'microtasks',
      does: 'lets microtasks run between error and close',
      urls: () => [refuses(401).url],
      expected: ['microtask', 'close'],
    },
    { name: 'bufferedAmount', does: 'counts bytes', urls: () => [accepts().url], expected: 10 },
    { name: 'manyMessages', does: 'keeps the order of messages', urls: () => [counts(500).url], expected: true },
    { name: 'subclass', does: 'can be derived from', urls: () => [accepts().url], expected: [true, true] },
  ]

  function runsEverything(realm: () => Realm): void {
    for (const { name, does, urls, expected } of rows) {
      it(does, async () => {
        expect(await realm().run(name, ...urls())).toEqual(expected)
      })
    }
  }

  function workerRealm(): { realm: Realm; end(): void } {
    const worker = startWorker()
    return { realm: realmBehind(transfer => worker.postMessage('converse', transfer)), end: () => worker.terminate() }
  }

  async function pageRealm(head = ''): Promise<{ realm: Realm; frame: HTMLIFrameElement }> {
    const frame = document.createElement('iframe')
    frame.srcdoc = `<!doctype html>${head}<script type="module" src="${pageScript}"></script>`
    const loaded = new Promise(resolve => frame.addEventListener('load', resolve, { once: true }))
    document.body.append(frame)
    await loaded
    return { realm: realmBehind(transfer => frame.contentWindow?.postMessage('converse', '*', transfer)), frame }
  }

  describe('in a dedicated worker', () => {
    let running: ReturnType<typeof workerRealm>
    beforeAll(() => {
      running = workerRealm()
    })
    afterAll(() => running.end())

    runsEverything(() => running.realm)

    it('resolves relative URLs against the script', async () => {
      const url = new URL(String(await running.realm.run('relativeUrl')))
      expect([url.protocol, url.host]).toEqual(['ws:', location.host])
      expect(url.pathname).toMatch(/\/test\/contract\/realms\/relative\/chat$/)
    })

    it('goes away when the worker is terminated', async () => {
      const { realm, end } = workerRealm()
      const place = accepts()
      await realm.run('stay', place.url)
      end()
      expect((await place.ended())[0]?.close?.code).toBe(1001)
    })
  })

  describe('in a page inside a page', () => {
    let running: Awaited<ReturnType<typeof pageRealm>>
    beforeAll(async () => {
      running = await pageRealm()
    })
    afterAll(() => running.frame.remove())

    runsEverything(() => running.realm)

    it('resolves relative URLs against the base of that page', async () => {
      const { realm, frame } = await pageRealm('<base href="/another/directory/">')
      const obeyed =
        inThisEngine('what a relative URL is resolved against', 'the base of the page') === 'the base of the page'
      const directory = obeyed ? '/another/directory/' : new URL('.', location.href).pathname
      expect(await realm.run('relativeUrl')).toBe(`ws://${location.host}${directory}relative/chat`)
      frame.remove()
    })

    it('goes away when the page is removed', async () => {
      const { realm, frame } = await pageRealm()
      const place = accepts()
      await realm.run('stay', place.url)
      frame.remove()
      expect((await place.ended())[0]?.close?.code).toBe(1001)
    })

    it('goes away when the page navigates', async () => {
      const { realm, frame } = await pageRealm()
      const place = accepts()
      await realm.run('stay', place.url)
      frame.srcdoc = '<!doctype html>elsewhere'
      expect((await place.ended())[0]?.close?.code).toBe(1001)
      frame.remove()
    })
  })
}
