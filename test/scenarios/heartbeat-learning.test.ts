import { describe, expect, it } from 'vitest'
import { expect as listen, ping } from '../../src/index.ts'
import { answers, type Behaviour } from '../../src/testing/index.ts'
import { openStory, type Setting, type Story } from './story.ts'

/** A proxy on the way that cuts what is silent for so long, whichever side is silent. */
function idleCut(ms: number): Behaviour {
  const answer = answers()
  return connection => {
    const { send } = connection
    let undo = 0
    const arm = (): void => {
      const mine = ++undo
      connection.after(ms, () => {
        if (mine === undo) connection.reset()
      })
    }
    Object.assign(connection, {
      send: (data: string) => {
        arm()
        send(data)
      },
    })
    answer(connection)
    connection.heard(arm)
    arm()
  }
}

function behindProxy(ms: number, { options, ...setting }: Setting = {}): Promise<Story> {
  return openStory({
    behaviour: idleCut(ms),
    ...setting,
    options: { heartbeat: ping({ everyMs: 30_000 }), ...options },
  })
}

describe('a proxy that cuts idle connections', () => {
  it('after 12 s, with a ping every 30 s: the second death is recognised and reported, and the third does not happen', async () => {
    const { clock, closings, problems, records } = await behindProxy(12_000)
    await clock.advance(12_000)
    expect(closings).toHaveLength(1)
    expect(closings[0]?.disconnect).toMatchObject({ origin: 'network', silentMs: 12_000 })
    expect(problems).toEqual([])
    await clock.advance(20_000)
    expect(closings).toHaveLength(2)
    expect(problems.map(({ code, message }) => [code, message])).toEqual([
      ['ERR_IDLE_TIMEOUT', 'Cut twice after 12 s of silence. A ping every 10 s keeps them open now.'],
    ])
    expect(records.flatMap(({ effects }) => effects)).toContainEqual({
      type: 'learnt',
      silentMs: 12_000,
      everyMs: 10_000,
    })
    await clock.advance(25 * 60_000)
    expect(closings).toHaveLength(2)
    expect(problems).toHaveLength(1)
  })

  it('after 60 s, with a ping every 2 min: it is asked every 30 s from then on', async () => {
    const { clock, closings, server } = await behindProxy(60_000, {
      options: { heartbeat: ping({ everyMs: 120_000 }) },
    })
    await clock.advance(140_000)
    expect(closings).toHaveLength(2)
    const began = server.received.length
    await clock.advance(20 * 60_000)
    expect(closings).toHaveLength(2)
    expect(server.received.length - began).toBeGreaterThanOrEqual(38)
  })

  it('without any ping: it is reported with the cure, once', async () => {
    const { clock, problems } = await behindProxy(20_000, { options: { heartbeat: undefined } as never })
    await clock.advance(15 * 60_000)
    expect(problems.map(({ message }) => message)).toEqual([
      'Cut twice after 20 s of silence. `heartbeat: ping({ everyMs: 10000 })` keeps them open.',
    ])
  })

  it('with a heartbeat that only listens: it is reported with the cure', async () => {
    const { clock, problems } = await behindProxy(20_000, { options: { heartbeat: listen({ everyMs: 60_000 }) } })
    await clock.advance(5 * 60_000)
    expect(problems[0]?.message).toContain('`heartbeat: ping({ everyMs: 10000 })`')
  })

  it('after less than 10 s: nothing is learnt, that is a fault', async () => {
    const { clock, problems, closings } = await behindProxy(9_900)
    await clock.advance(120_000)
    expect(closings.length).toBeGreaterThan(3)
    expect(problems).toEqual([])
  })

  it('is forgotten after half an hour, and learnt again', async () => {
    const { clock, closings } = await behindProxy(12_000)
    await clock.advance(29 * 60_000)
    expect(closings).toHaveLength(2)
    await clock.advance(5 * 60_000)
    expect(closings).toHaveLength(4)
  })

  it('is forgotten with the network', async () => {
    const { clock, closings, page } = await behindProxy(12_000)
    await clock.advance(60_000)
    expect(closings).toHaveLength(2)
    page.say('network-changed')
    await clock.advance(60_000)
    expect(closings).toHaveLength(4)
  })
})

describe('deaths that teach nothing', () => {
  /** Ends each connection after so long, in turn; then it stays. */
  const ends = (...after: readonly number[]): Behaviour => {
    const answer = answers()
    return connection => {
      answer(connection)
      const ms = after[connection.dial.number - 1]
      if (ms !== undefined) connection.after(ms, () => connection.reset())
    }
  }
  const problemsOf = async (behaviour: Behaviour, everyMs = 300_000): Promise<readonly unknown[]> => {
    const { clock, problems } = await openStory({ behaviour, options: { heartbeat: ping({ everyMs }) } })
    await clock.advance(600_000)
    return problems
  }

  it('are those at silences that differ by more than 10 %', async () => {
    expect(await problemsOf(ends(40_000, 45_000))).toEqual([])
    expect(await problemsOf(ends(40_000, 43_900))).toHaveLength(1)
  })

  it('are those with a close frame: a server that closes idle clients says so itself', async () => {
    const answer = answers()
    const closing: Behaviour = connection => {
      answer(connection)
      connection.after(20_000, () => connection.close(1000))
    }
    expect(await problemsOf(closing)).toEqual([])
  })

  it('are those of a machine that slept: it was silent itself', async () => {
    const { clock, server, problems } = await openStory({ options: { heartbeat: ping({ everyMs: 300_000 }) } })
    for (let n = 0; n < 3; n++) {
      clock.sleep(30_000)
      server.latest.reset()
      await clock.advance(12_000)
    }
    expect(problems).toEqual([])
  })

  it('are those on a busy line', async () => {
    const answer = answers()
    const busy: Behaviour = connection => {
      answer(connection)
      for (let ms = 500; ms < 20_000; ms += 500) connection.after(ms, () => connection.send('price'))
      connection.after(20_000, () => connection.reset())
    }
    expect(await problemsOf(busy)).toEqual([])
  })
})
