import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { orderOf } from '../../src/conformance/arguments.ts'
import { checksThat, EVERYTHING, examine } from './examine.ts'
import { referenceServer } from './reference-server.ts'

const MAIN = fileURLToPath(new URL('../../src/conformance/main.ts', import.meta.url))

interface Ended {
  readonly code: number
  readonly lines: readonly string[]
}

/** Runs the command as a user does. */
function command(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const args = ['--import', 'tsx', MAIN, ...words]
  return new Promise(resolve => {
    const child = execFile(process.execPath, args, { env: { ...process.env, ...env } }, (_, stdout) =>
      resolve({ code: child.exitCode ?? -1, lines: stdout.trimEnd().split('\n') }),
    )
  })
}

describe.concurrent('holdfast-conformance', { timeout: 30_000 }, () => {
  it('prints a line for each rule, the sum, and exits with 0 when none failed', async ({ expect }) => {
    const server = await referenceServer(EVERYTHING)
    const words = [
      server.url,
      '--origin',
      'https://app.example.com',
      '--only',
      'R71',
      '--only',
      'auth',
      '--only',
      'pong',
    ]
    const { code, lines } = await command(words, { HOLDFAST_TOKEN: 'ann' })
    server.close()
    expect(lines).toEqual([
      'ok R71: resend: answers a resend with ok and dup, and stores it once',
      'ok R130: pong: answers ping with pong of the same n',
      'ok R151: auth: takes fresh credentials on a live connection, which goes on',
      '',
      '3 passed, 0 failed, 0 not offered',
    ])
    expect(code).toBe(0)
  })

  it('exits with 1 when a rule failed', async ({ expect }) => {
    const server = await referenceServer(EVERYTHING)
    const { code, lines } = await command([server.url, '--token', 'wrong', '--only', 'pong', '--timeout', '300'])
    server.close()
    expect(lines[0]).toMatch(/^FAILED R130: pong: expected welcome; came the close 4403 "foreign origin"$/)
    expect(lines.at(-1)).toBe('0 passed, 1 failed, 0 not offered')
    expect(code).toBe(1)
  })

  it('exits with 2 when there was nothing to check', async ({ expect }) => {
    const { code, lines } = await command(['ws://localhost/', '--only', 'R9999'])
    expect(lines).toEqual(['No rule has such a number or name. Without --only all are checked.'])
    expect(code).toBe(2)
  })
})

describe('the command line', () => {
  it('is read with its defaults', () => {
    expect(orderOf(['wss://api.example.com/live'], {})).toMatchObject({
      type: 'run',
      settings: {
        topic: 'conformance',
        otherTopic: 'conformance-2',
        patienceMs: 5_000,
        quietMs: 200,
        token: undefined,
      },
      selection: { slow: false, only: [] },
    })
  })

  it('is read with all that it may say', () => {
    const words = 'ws://h/ --topic a --other-topic b --forbidden-topic c --token t --other-token u --origin https://o'
    const more = '--publish-url http://p/ --timeout 9 --quiet 8 --only R10 --only pong --slow'
    expect(orderOf(`${words} ${more}`.split(' '), { HOLDFAST_TOKEN: 'x' })).toEqual({
      type: 'run',
      settings: {
        url: 'ws://h/',
        topic: 'a',
        otherTopic: 'b',
        forbiddenTopic: 'c',
        token: 't',
        otherToken: 'u',
        origin: 'https://o',
        publishUrl: 'http://p/',
        patienceMs: 9,
        quietMs: 8,
      },
      selection: { slow: true, only: ['R10', 'pong'] },
    })
  })

  it.each([
    ['', 'Expected one URL, got 0.'],
    ['ws://a/ ws://b/', 'Expected one URL, got 2.'],
    ['http://a/', 'Expected a URL that begins with ws:// or wss://.'],
    ['ws://a/ --topci x', 'Expected one of the options of --help, got `--topci`.'],
    ['ws://a/ --topic', 'Expected a value after `--topic`, got nothing.'],
    ['ws://a/ --quiet soon', 'Expected `--timeout` and `--quiet` in milliseconds, 1 to 600000.'],
  ])('is told what is wrong with "%s"', (line, message) => {
    expect(orderOf(line.split(' ').filter(Boolean), {})).toEqual({ type: 'mistake', message })
  })

  it('asks for help', () => {
    expect(orderOf(['--help', '--nonsense'], {})).toEqual({ type: 'help' })
  })
})

describe('a server whose clients only listen', () => {
  it('is checked with events that are caused over HTTP', async () => {
    const server = await referenceServer()
    let posts = 0
    const http = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      const { topic, data } = JSON.parse(body)
      posts++
      server.publish(topic, data)
      response.end()
    })
    await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
    const address = http.address()
    const publishUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`
    const only = ['sub', 'dense', 'resume', 'gap-epoch', 'credit-returns']
    const outcomes = await examine(Promise.resolve(server), { only }, { publishUrl })
    http.close()
    expect(checksThat(outcomes, 'ok')).toEqual(only)
    expect(posts).toBeGreaterThan(20)
  })
})

describe('the WebSocket that is used', () => {
  afterEach(() => {
    vi.doUnmock('ws')
    vi.resetModules()
    vi.unstubAllGlobals()
  })

  it('is the global one where the package ws is not installed, and it sends no Origin', async () => {
    const made: unknown[] = []
    class Global {
      constructor(...given: readonly unknown[]) {
        made.push(given)
      }
    }
    vi.resetModules()
    vi.doMock('ws', () => {
      throw new Error('not installed')
    })
    const { socketFactory } = await import('../../src/conformance/socket.ts')
    vi.stubGlobal('WebSocket', undefined)
    expect(await socketFactory()).toBeNull()
    vi.stubGlobal('WebSocket', Global)
    const dial = await socketFactory()
    const ears = { opened() {}, message() {}, closed() {} }
    dial?.('ws://h/', 'holdfast.v1', ears, undefined)
    expect(made).toEqual([['ws://h/', 'holdfast.v1']])
    expect(() => dial?.('ws://h/', 'holdfast.v1', ears, 'https://o')).toThrow('npm install ws')
  })
})
