import { describe, expect, it } from 'vitest'
import { aborted, authStory, carried, counts, never, openAuthStory, provides, tokens } from './auth-story.ts'
import { story } from './story.ts'

describe('two sockets with one provider', () => {
  it('ask once, and both use the answer', async () => {
    const provider = counts()
    const [one, two] = [authStory(provider), authStory(provider)]
    await one.clock.advance(0)
    await two.clock.advance(0)
    expect(provider).toHaveBeenCalledTimes(1)
    expect([one, two].flatMap(({ server }) => tokens(server))).toEqual(['token 1', 'token 1'])
  })

  it('ask once for what both were refused', async () => {
    const provider = provides('a', 'a', never)
    const one = await openAuthStory(provider)
    const two = await openAuthStory(provider)
    const asked = provider.mock.calls.length
    for (const { server, clock } of [one, two]) {
      server.latest.close(4401)
      await clock.advance(0)
    }
    expect(provider).toHaveBeenCalledTimes(asked + 1)
  })

  it('do not abort one another: only when the last one leaves', async () => {
    const provider = provides(never)
    const [one, two] = [authStory(provider), authStory(provider)]
    one.socket.close()
    expect(aborted(provider)).toEqual([false])
    two.socket.close()
    expect(aborted(provider)).toEqual([true])
  })

  it('both get what one of them has asked for anew', async () => {
    const provider = provides(never, 'fresh')
    const [one, two] = [authStory(provider), authStory(provider)]
    await one.clock.advance(1)
    one.socket.refreshAuth()
    await one.clock.advance(0)
    await two.clock.advance(0)
    expect(aborted(provider)).toEqual([true, false])
    expect([one, two].flatMap(({ server }) => tokens(server))).toEqual(['fresh', 'fresh'])
  })

  it('both close when nobody is signed in', async () => {
    const provider = provides(never)
    const setting = carried(provider)
    const [one, two] = [story(setting), story(setting)]
    await one.clock.advance(1)
    provider.mockReturnValue(null)
    two.socket.refreshAuth()
    await one.clock.advance(0)
    await two.clock.advance(0)
    expect([one, two].map(({ socket }) => socket.readyState)).toEqual([3, 3])
  })

  it('that ask for a fresh one in the same task ask once', () => {
    const provider = provides(never)
    const [one, two] = [authStory(provider), authStory(provider)]
    one.socket.refreshAuth()
    two.socket.refreshAuth()
    expect(provider).toHaveBeenCalledTimes(1)
  })

  it('of different functions have nothing to do with each other', async () => {
    const [ann, bob] = [provides('ann'), provides('bob')]
    const [one, two] = [authStory(ann), authStory(bob)]
    await one.clock.advance(0)
    await two.clock.advance(0)
    expect([one, two].flatMap(({ server }) => tokens(server))).toEqual(['ann', 'bob'])
  })
})
