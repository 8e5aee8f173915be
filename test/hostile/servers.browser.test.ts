import { afterEach, describe, expect, it, vi } from 'vitest'
import { echoes, hostile, sequence } from '../contract/server.ts'
import { endings, type Witness, witness } from './witness.ts'

// A browser lets one handshake to a server wait for another one, and some of these take their time.
vi.setConfig({ testTimeout: 30_000 })

/** Of those in behaviours.ts; all of them are for Node, where they take less time. */
const HANDSHAKES = [
  'garbage instead of a handshake',
  'nothing, and hangs up',
  'half of a handshake, and nothing more',
  'a handshake a letter at a time',
  'a wrong Sec-WebSocket-Accept',
  'an extension that nobody asked for',
  'a redirect',
  'a 401',
  'a 503',
]
const FRAMES = [
  'a frame with RSV1',
  'a data frame of the reserved opcode 3',
  'a masked frame',
  'a fragmented ping',
  'a ping of 126 bytes',
  'a continuation without a start',
  'a text within a text',
  'fragments that are no UTF-8 together',
  'a length of 2^63',
  'a length of 2^62, and nothing',
  'a close frame of one byte',
  'a close reason that is no UTF-8',
]
/** Browsers differ in which codes they take: what the browser says is what the app is told. */
const CODES = [0, 1004, 1005, 65_535]
const FLOODS = ['a flood of messages', 'a flood of pings', 'a giant message that never ends']

const seen = new Set<Witness>()

afterEach(() => {
  for (const { socket } of seen) socket.close()
  seen.clear()
})

/** What is told of the connection on which a server misbehaved, once the next one has served. */
async function told(name: string): Promise<string> {
  const place = sequence(hostile(name), echoes())
  const witnessed = witness(place.url, { connectTimeoutMs: 25_000 })
  seen.add(witnessed)
  const { socket, closings, lines, problems, heard } = witnessed
  await heard('close')
  socket.send('still here')
  await heard('message still here')
  const words = [
    ...closings.map(({ code, wasClean, disconnect }) => {
      const agrees = disconnect.code === code && disconnect.wasClean === wasClean
      const broken = code === 1006 && !wasClean && disconnect.origin !== 'server'
      const closed = wasClean && disconnect.origin === 'server' ? `closed with ${code}` : 'neither closed nor broken'
      return agrees ? (broken ? 'broken' : closed) : 'the event and the disconnect differ'
    }),
    ...endings(lines).map(() => 'a line'),
    ...lines.filter(line => /\p{Cc}/u.test(line)).map(() => 'a line is forged'),
    ...problems.map(String),
    `${(await place.seen()).length} dials`,
  ]
  socket.close()
  return words.join(', ')
}

async function expectOf(names: readonly string[], ...expected: readonly string[]): Promise<void> {
  const outcomes = await Promise.all(names.map(async name => [name, await told(name)] as const))
  expect(outcomes.filter(([, words]) => !expected.includes(words))).toEqual([])
}

describe('a socket in a real browser', () => {
  it('takes a handshake that is none for one failed dial, tells it once, and opens the next time', async () => {
    await expectOf(HANDSHAKES, 'broken, a line, 2 dials')
  })

  it('loses one connection by a frame against the rules, tells it once, and opens the next time', async () => {
    // Firefox takes a close frame of one byte for one without a code.
    await expectOf(FRAMES, 'broken, a line, 2 dials', 'closed with 1005, a line, 2 dials')
  })

  it.each(CODES)('is told of the close code %i as the browser is, and opens the next time', async code => {
    await expectOf([`the close code ${code}`], 'broken, a line, 2 dials', `closed with ${code}, a line, 2 dials`)
  })

  it('is not brought down by floods and giants, and opens the next time', async () => {
    await expectOf(FLOODS, 'broken, a line, 2 dials')
  })
})
