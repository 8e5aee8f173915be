import { describe, expect, it } from 'vitest'
import { ping } from '../../src/index.ts'
import { explain } from '../../src/observe/index.ts'
import { accepts, answers, type Behaviour, goesSilent, resets, sequence } from '../../src/testing/index.ts'
import { openStory, type Setting, type Story } from '../scenarios/story.ts'

const lines = ({ records }: Story): readonly string[] => records.flatMap(record => explain(record) ?? [])

async function told(setting: Setting, act: (story: Story) => Promise<unknown>): Promise<readonly string[]> {
  const story = await openStory(setting)
  const before = lines(story).length
  await act(story)
  return lines(story).slice(before)
}

const beating = { heartbeat: ping() }

describe('a line about a connection', () => {
  it('that was found dead says so, and how long it was silent', async () => {
    const [line] = await told({ behaviour: goesSilent(), options: beating }, ({ clock }) => clock.advance(20_000))
    expect(line).toBe(
      '#1 8000 00:00:20Z websocket found dead: 1006 no close frame after 20 s, 0 in / 2 out, silent for 20 s; next try in 2 s, 00:00:22Z (attempt 1; backoff)',
    )
  })

  it('that is presumed dead says why', async () => {
    const [line] = await told({}, async ({ clock, page }) => {
      clock.sleep(8 * 3_600_000)
      page.say('visible')
      await clock.advance(0)
    })
    expect(line).toContain('websocket presumed dead after a sleep: 1006')
  })

  it('of a machine that woke up says what is done about it, and what came of it', async () => {
    const all = await told({ behaviour: answers({ afterMs: 50 }), options: beating }, async ({ clock, socket }) => {
      clock.sleep(8 * 3_600_000)
      socket.send('order')
      await clock.advance(60)
    })
    expect(all.map(line => line.replace(/^.*?Z /, ''))).toEqual([
      'awake after 480 min, probing',
      'alive, sending 1 queued messages',
    ])
  })

  it('that was cut twice after the same silence names the idle timeout, and what is done from now on', async () => {
    const behaviour: Behaviour = sequence(resets({ afterMs: 12_000 }), resets({ afterMs: 12_100 }), answers())
    const options = { heartbeat: ping({ everyMs: 30_000 }) }
    const all = await told({ behaviour, options }, ({ clock }) => clock.advance(40_000))
    const learnt = all.filter(line => line.includes('idle timeout'))
    expect(learnt).toHaveLength(1)
    expect(learnt[0]).toContain(
      'silent for 12 s; second cut after 12 s of silence, an idle timeout: a ping every 10 s from now on; next try in',
    )
  })

  it('that was cut twice without a heartbeat names the cure', async () => {
    const behaviour: Behaviour = sequence(resets({ afterMs: 12_000 }), resets({ afterMs: 12_000 }), accepts())
    const all = await told({ behaviour }, ({ clock }) => clock.advance(40_000))
    expect(all.join('\n')).toContain('an idle timeout: ping() would keep it open; next try in')
  })

  it('says nothing about pings and looks: they are no event', async () => {
    expect(
      await told({ behaviour: answers(), options: beating }, async ({ clock, page }) => {
        await clock.advance(120_000)
        page.say('visible')
        await clock.advance(120_000)
      }),
    ).toEqual([])
  })
})
