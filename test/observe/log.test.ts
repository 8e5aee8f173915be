import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { log } from '../../src/observe/index.ts'
import { accepts, type Behaviour, closes, hangs, refuses, resets, sequence } from '../../src/testing/index.ts'
import { type Setting, type Story, story } from '../scenarios/story.ts'

interface Logged extends Story {
  readonly lines: readonly string[]
}

/** A story whose lines are kept. It begins at midnight, and chance says one half. */
function logged({ options = {}, ...setting }: Setting = {}, context?: string | (() => string)): Logged {
  const lines: string[] = []
  const write = (line: string): void => void lines.push(line)
  const watch = log(context === undefined ? { write } : { write, context })
  return { ...story({ ...setting, options: { ...options, watch } }), lines }
}

async function linesOf(behaviour: Behaviour, ms: number, setting: Setting = {}): Promise<readonly string[]> {
  const { clock, lines } = logged({ ...setting, behaviour })
  await clock.advance(ms)
  return lines
}

describe('a line', () => {
  it('says who closed, what the code means, how long it was up, what happens next, when, and who scheduled it', async () => {
    const lines = await linesOf(closes({ afterMs: 3_600_000, code: 1012, reason: 'deploy' }), 3_600_000)
    expect(lines).toEqual([
      '#1 8000 00:00:00Z dialling',
      '#1 8000 00:00:00Z open',
      '#1 8000 01:00:00Z websocket closed by server: 1012 service restart "deploy" after 60 min, 0 in / 0 out; next try in 2 s, 01:00:02Z (attempt 1; backoff)',
    ])
  })

  it('counts what came and went', async () => {
    const { clock, lines, server, socket } = logged()
    await clock.advance(0)
    for (let i = 0; i < 1_204; i++) server.latest.send('x')
    for (let i = 0; i < 88; i++) socket.send('y')
    await clock.advance(500)
    server.latest.reset()
    await clock.advance(0)
    expect(lines.at(-1)).toContain('websocket lost: 1006 no close frame after 500 ms, 1,204 in / 88 out; next try')
  })

  it('explains each attempt of a server that cannot be reached', async () => {
    const lines = await linesOf(refuses(), 2_000)
    expect(lines).toEqual([
      '#1 8000 00:00:00Z dialling',
      '#1 8000 00:00:00Z websocket could not connect: 1006 no close frame; next try in 2 s, 00:00:02Z (attempt 1; backoff)',
      '#2 8000 00:00:02Z dialling (attempt 1)',
      '#2 8000 00:00:02Z websocket could not connect: 1006 no close frame; next try in 4 s, 00:00:06Z (attempt 2; backoff)',
    ])
  })

  it('tells of a dial that took too long, and of the minute without traffic', async () => {
    const lines = await linesOf(hangs(), 60_000)
    expect(lines[1]).toBe(
      '#1 8000 00:00:10Z websocket did not connect in time: 1006 no close frame; next try in 2 s, 00:00:12Z (attempt 1; backoff)',
    )
    expect(lines.at(-1)).toMatch(
      /00:01:00Z nothing has carried traffic for 60 s: working offline, quiet retries go on$/,
    )
  })

  it('tells that it is connected again, and what it sends then', async () => {
    const { clock, lines, socket } = logged({ behaviour: sequence(resets({ afterMs: 10 }), accepts()) })
    await clock.advance(10)
    socket.send('a')
    socket.send('b')
    await clock.advance(2_000)
    expect(lines.at(-1)).toMatch(/reconnected \(attempt 1\), sending 2 queued messages$/)
  })

  it('says that the app closed, and how much was given up', async () => {
    const { clock, lines, socket } = logged({ behaviour: refuses() })
    socket.send('a')
    await clock.advance(100)
    socket.close()
    await clock.advance(0)
    expect(lines.at(-1)).toMatch(
      /closed by the app while waiting: 1006 no close frame; as asked; nothing more is tried/,
    )
  })

  it('says that the attempts are used up, or that reconnecting is off', async () => {
    const used = await linesOf(refuses(), 60_000, { options: { maxAttempts: 1 } })
    expect(used.at(-1)).toMatch(/; the attempts are used up; nothing more is tried until reconnect\(\)$/)
    const off = await linesOf(refuses(), 60_000, { options: { reconnect: false } })
    expect(off.at(-1)).toMatch(/; the close policy stops at 1006; nothing more is tried until reconnect\(\)$/)
  })

  it('names the app, the browser and the dial guard when they decide', async () => {
    const { clock, lines, page, socket } = logged({ behaviour: refuses() })
    await clock.advance(1_000)
    page.say('offline')
    expect(lines.at(-1)).toMatch(/offline: next try in 29 s, .*the browser says offline, one try per 30 s\)$/)
    page.say('online')
    expect(lines.at(-1)).toMatch(/online: next try in 250 ms, .*sooner, something changed on this side\)$/)
    for (let i = 0; i < 6; i++) {
      socket.retryNow()
      await clock.advance(1)
    }
    expect(lines.filter(line => line.includes('trying now')).length).toBeGreaterThan(0)
    expect(lines.at(-1)).toMatch(/held back by the dial guard, 6 dials in 10 s\)$/)
  })

  it('says that a hidden page waits', async () => {
    const { clock, lines, page } = logged({ behaviour: refuses() })
    page.say('frozen')
    await clock.advance(0)
    expect(lines.at(-1)).toMatch(/; paused: the page is frozen$/)
  })

  it('begins with the context of the app, asked for every line', async () => {
    let user = 'user 42'
    const { clock, lines, socket } = logged({}, () => user)
    user = 'user 43'
    await clock.advance(0)
    socket.close()
    expect(lines.map(line => line.slice(0, 9))).toEqual(['[user 42]', '[user 43]', '[user 43]'])
    expect(logged({}, 'session 7f').lines[0]).toMatch(/^\[session 7f\] #1 /)
  })

  it('is one line, whatever a server or the app writes into it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 30 }),
        fc.string({ unit: 'binary' }),
        async (reason, who) => {
          const { clock, lines } = logged({ behaviour: closes({ code: 4000, reason }) }, who)
          await clock.advance(0)
          expect(lines.length).toBe(3)
          // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
          for (const line of lines) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('never has a URL, a subprotocol or a message in it, and neither has the record', async () => {
    const secret = 'eyJhbGciOi'
    const lines: string[] = []
    const records: unknown[] = []
    const write = log({ write: line => void lines.push(line) })
    const { clock, server, socket } = story({
      url: () => `wss://feed.example/?token=${secret}`,
      protocols: ['v1', `token.${secret}`],
      behaviour: sequence(refuses(), resets({ afterMs: 10 }), accepts()),
      options: {
        watch(record) {
          write(record)
          records.push(record)
        },
      },
    })
    socket.send(secret)
    await clock.advance(20_000)
    server.latest.send(secret)
    socket.close(1000)
    await clock.advance(1_000)
    expect(server.dials.length).toBe(3)
    expect(lines.length).toBeGreaterThan(6)
    expect(lines.join('\n')).not.toContain(secret)
    expect(JSON.stringify(records)).not.toContain(secret)
    expect(JSON.stringify(socket.status)).not.toContain(secret)
  })

  it('goes to console.info when nobody says where', async () => {
    const info = vi.spyOn(console, 'info').mockImplementation(() => {})
    story({ options: { watch: log() } })
    expect(info.mock.calls).toEqual([['#1 8000 00:00:00Z dialling']])
    info.mockRestore()
  })
})
