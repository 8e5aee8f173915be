import { createServer } from 'node:http'
import { PAYLOADS } from '../payloads.ts'
import { listening } from '../server.ts'
import { now, type Serve } from '../serving/serving.ts'
import { lane } from './lane.ts'
import { memory } from './memory.ts'

/**
 * A server in a process of its own. `GET /publish?events=20` publishes so many. A measurement says its port and the CPU
 * that it used so far, in ns; with `--expose-gc` also its memory.
 */
export async function server(serve: Serve): Promise<void> {
  const http = createServer()
  // The load asks again after the turns of all others, and an idle line that is closed just then is a failed run.
  http.keepAliveTimeout = 0
  http.on('request', ({ url = '' }, response) => {
    const events = Number(/^\/publish\?events=(\d+)$/.exec(url)?.[1] ?? 0)
    if (!events) return
    response.end()
    publish(events)
  })
  // Each in a tick of its own, as events come that have nothing to do with each other.
  const publish = (left: number): void => {
    serving.publish({ ...JSON.parse(PAYLOADS[left % PAYLOADS.length] ?? ''), at: now() })
    if (left > 1) setImmediate(() => publish(left - 1))
  }
  const serving = serve(http)
  const port = await listening(http)
  lane(async () => {
    const { user, system } = process.cpuUsage()
    return { port, cpu: (user + system) * 1_000, ...(globalThis.gc && (await memory())) }
  })
}
