// Ten thousand lives of sockets, and what is left of them.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { NodePlan } from './in-node.ts'
import { type LeakServer, startServer } from './server.ts'
import { spawned } from './spawned.ts'

vi.setConfig({ testTimeout: 180_000 })

let server: LeakServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server?.stop())

function complaintsOf(plan: Pick<NodePlan, 'early' | 'late' | 'planted'>): Promise<readonly string[]> {
  const { url, refusedUrl } = server
  const whole: NodePlan = { url, refusedUrl, ...plan }
  return spawned('in-node.ts', whole)
}

describe('ten thousand sockets in Node', () => {
  it('leave nothing behind: no socket, no listener, no timer, and a heap that does not grow', async () => {
    expect(await complaintsOf({ early: 2_000, late: 10_000, planted: 'none' })).toEqual([])
  })

  it.concurrent.each([
    ['a listener at the page', /listeners were left/],
    ['a listener at a signal', /wrappers were kept/],
    ['a list', /wrappers were kept/],
    ['a timer', /Timeout/],
  ] as const)('would be seen if one in ten left %s behind', async (planted, told) => {
    const complaints = await complaintsOf({ early: 200, late: 1_000, planted })
    expect(complaints).toContainEqual(expect.stringMatching(told))
    expect(complaints).toContainEqual(expect.stringMatching(/the heap grew/))
  })
})
