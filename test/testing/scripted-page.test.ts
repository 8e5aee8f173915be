import { describe, expect, it, vi } from 'vitest'
import { scriptedPage } from '../../src/testing/index.ts'

describe('the scripted page', () => {
  it('tells everybody who listens, and nobody who has stopped', () => {
    const page = scriptedPage()
    const first = vi.fn()
    const second = vi.fn()
    const stop = page.signals(first)
    page.signals(second)
    page.say('offline')
    stop()
    page.say('online')
    expect(first.mock.calls).toEqual([['offline']])
    expect(second.mock.calls).toEqual([['offline'], ['online']])
    expect(page.listening).toBe(1)
  })

  it('lets a listener stop while it is being told', () => {
    const page = scriptedPage()
    const heard = vi.fn()
    const stop = page.signals(() => stop())
    page.signals(heard)
    page.say('hidden')
    expect(heard).toHaveBeenCalledTimes(1)
    expect(page.listening).toBe(1)
  })
})
