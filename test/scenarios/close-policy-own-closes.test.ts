import { expect, it } from 'vitest'
import type { Ending } from '../../src/index.ts'
import { hangs } from '../../src/testing/index.ts'
import { openStory, story } from './story.ts'

it('a close policy is never asked about a close of our own making: reconnect(), an old connection, a fresh token', async () => {
  const asked: Ending[] = []
  let tokens = 0
  const { clock, server, socket, journal } = await openStory({
    options: {
      closePolicy: facts => void asked.push(facts),
      maxAgeMs: 60_000,
      auth: ({ reason }) => `${reason} ${++tokens}`,
    },
  })
  socket.reconnect()
  await clock.advance(1_000)
  socket.refreshAuth()
  await clock.advance(1_000)
  await clock.advance(65_000)
  expect(server.dials).toHaveLength(4)
  expect(journal).toEqual(['close 1006', 'open', 'close 1006', 'open', 'close 1006', 'open'])
  expect(asked).toEqual([])
})

it('a close policy sees a timeout of ours as what it was, and not dressed up as a code of the server', async () => {
  const asked: Ending[] = []
  const { clock } = story({ behaviour: hangs(), options: { closePolicy: facts => void asked.push(facts) } })
  await clock.advance(10_000)
  expect(asked).toMatchObject([{ origin: 'dial-timeout', code: 1006, reason: '', wasClean: false, openMs: null }])
})
