import { describe, expect, it } from 'vitest'
import { accepts, refuses, sequence } from '../contract/server.ts'
import { cleanUp, follow } from './followed.ts'

describe('a socket in Firefox as users have it', () => {
  cleanUp()

  it('comes back although the browser holds its dials back after failures', async () => {
    const began = performance.now()
    const { lines, heard } = follow(sequence(refuses(502), refuses(502), refuses(502), accepts()))
    await heard('open')
    expect(lines.at(-1)).toBe('open')
    // Without the delays it takes a tenth of a second: then this Firefox would not be the one to test.
    expect(performance.now() - began).toBeGreaterThan(500)
  }, 40_000)
})
