import { WebSocket as Undici } from 'undici'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket as Ws } from 'ws'
import type { Options } from '../../src/index.ts'
import { FLOODS, FRAMES, HANDSHAKES, TERMINAL } from './behaviours.ts'
import { type HostileServer, hostileServer } from './server.ts'
import { endings, type Witness, witness } from './witness.ts'

// All misbehaviours at once, on two cores that others use too.
vi.setConfig({ testTimeout: 20_000 })

let server: HostileServer
const seen = new Set<Witness>()

beforeAll(async () => {
  server = await hostileServer()
})

afterAll(async () => {
  for (const { socket } of seen) socket.close()
  await server.close()
})

/** undici asks again by itself after a 401, as `fetch` does [Fetch §4.6, HTTP-network-or-cache fetch]. */
const timesOf = (name: string, WebSocket: unknown): number => (name === 'a 401' && WebSocket === Undici ? 2 : 1)

/** What is told of the connection on which a server misbehaved, once the next one has served. */
async function told(name: string, WebSocket: typeof Ws | typeof Undici): Promise<unknown> {
  const times = timesOf(name, WebSocket)
  const url = server.url(name, times)
  const witnessed = witness(url, { WebSocket, connectTimeoutMs: 10_000 })
  seen.add(witnessed)
  const { socket, journal, closings, lines, problems, heard } = witnessed
  await heard('close')
  socket.send('still here')
  await heard('message still here')
  const { code, reason, wasClean, willReconnect, disconnect } = closings[0] ?? expect.unreachable()
  return {
    closings: closings.map(({ code }) => code),
    opened: journal.indexOf('open') < journal.indexOf('close'),
    reason,
    wasClean,
    willReconnect,
    agrees: disconnect.code === code && disconnect.reason === reason && disconnect.wasClean === wasClean,
    origins: ['dial-failed', 'network', 'browser-failed', 'server'].filter(origin => origin === disconnect.origin),
    lines: endings(lines).length,
    forged: lines.filter(line => /\p{Cc}/u.test(line)),
    problems: problems.map(String),
    dials: server.dials(url) - times,
  }
}

const FAILED = {
  closings: [1006],
  reason: '',
  wasClean: false,
  willReconnect: true,
  agrees: true,
  lines: 1,
  forged: [],
  problems: [],
  dials: 1,
}
const AFTER_CLOSE = { ...FAILED, closings: [4000], reason: 'bye', wasClean: true, origins: ['server'] }

/** The same for every one of them. */
async function expectOf(
  names: readonly string[],
  WebSocket: typeof Ws | typeof Undici,
  expected: (name: string) => object,
): Promise<void> {
  const outcomes = await Promise.all(names.map(async name => [name, await told(name, WebSocket)] as const))
  expect(Object.fromEntries(outcomes)).toEqual(Object.fromEntries(names.map(name => [name, expected(name)])))
}

describe.each([
  ['ws', Ws],
  ['undici', Undici],
] as const)('in Node, with the class of %s', (_, WebSocket) => {
  it('every handshake that is none is one failed dial, told once, and the next one serves', async () => {
    await expectOf(Object.keys(HANDSHAKES), WebSocket, () => ({ ...FAILED, opened: false, origins: ['dial-failed'] }))
  })

  it('every frame against the rules is one lost connection, told once, and the next one serves', async () => {
    await expectOf(Object.keys(FRAMES), WebSocket, () => ({ ...FAILED, opened: true, origins: ['browser-failed'] }))
  })

  it('floods, giants and drips are delivered or cut off, told once, and the next one serves', async () => {
    // undici says `error` before every end without a close frame.
    const origins = [WebSocket === Undici ? 'browser-failed' : 'network']
    await expectOf(Object.keys(FLOODS), WebSocket, name => ({
      ...(name === 'messages behind its close frame' ? AFTER_CLOSE : { ...FAILED, origins }),
      opened: true,
    }))
  })

  it('a flood while a hook waits ends the connection before it has filled the memory', async () => {
    const beforeOpen: Options['beforeOpen'] = ({ receive }) =>
      new Promise((resolve, reject) => receive(({ data }) => data === 'never').then(() => resolve(), reject))
    const url = server.url('a flood of messages', 1)
    const witnessed = witness(url, { WebSocket, beforeOpen })
    seen.add(witnessed)
    await witnessed.heard('close')
    expect(witnessed.closings[0]?.disconnect).toMatchObject({ origin: 'hook', code: 1006, openMs: null })
    expect(witnessed.problems.map(({ code }) => code)).toEqual(['ERR_HOOK'])
    expect(witnessed.messages).toBe(0)
    witnessed.socket.close()
  })

  it('a server that accepts and closes for ever is dialled 6 times in 10 s at most, and once after a final code', async () => {
    const codes = [1000, 1001, 1011, 1012, 1014, 3999, 4000, 4999, ...TERMINAL]
    const urls = codes.map(code => server.url(`closes ${code}`, Infinity))
    for (const url of urls) seen.add(witness(url, { WebSocket, backoff: () => 0 }))
    const dials = (): readonly number[] => urls.map(url => server.dials(url))
    const most = codes.map(code => (TERMINAL.includes(code) ? 1 : 6))
    await vi.waitFor(() => expect(dials()).toEqual(most), { timeout: 8_000 })
    await new Promise(resolve => setTimeout(resolve, 300))
    expect(dials()).toEqual(most)
  })
})
