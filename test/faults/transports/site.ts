// A server with the page of the app, and a session of its own that ticks: what it stored and what it said is known.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { type Log, memoryLog, type SessionServer, sessionServer } from '../../../src/server/index.ts'
import { bundled } from '../../support/bundled.ts'
import { EVERY_MS, TICKS } from './app.ts'

const PAGE = fileURLToPath(new URL('page.ts', import.meta.url))
let script: Promise<string> | undefined

export interface SiteOptions {
  /** It says something by itself, every 50 ms. @defaultValue true */
  readonly ticks?: boolean
  readonly heartbeatMs?: number
  /** Shared by the nodes of a fleet. @defaultValue one of its own */
  readonly log?: Log
  /** @defaultValue any that is free */
  readonly port?: number
}

export interface Site {
  readonly port: number
  readonly live: SessionServer
  /** What it has said so far. */
  readonly said: number
  tick(): Promise<unknown>
  /** Says nothing more by itself. */
  hush(): void
  /** What it has stored of an app, in order. */
  stored(name: string): Promise<readonly unknown[]>
  close(): Promise<void>
}

export async function site({
  ticks = true,
  log = memoryLog({ maxEvents: 100_000 }),
  port = 0,
  heartbeatMs,
}: SiteOptions = {}): Promise<Site> {
  script ??= bundled({ entryPoints: [PAGE] })
  const app = await script
  const server: Server = createServer((request, response) => {
    const [type, text] =
      request.url === '/app.js'
        ? (['text/javascript', app] as const)
        : (['text/html', '<!doctype html><title>app</title><body><script src="/app.js"></script>'] as const)
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(text)
  })
  const live = sessionServer({
    server,
    path: '/live',
    log,
    onLog: () => {},
    ...(heartbeatMs !== undefined && { heartbeatMs }),
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  const address: AddressInfo = Object.assign({ port: 0, family: '', address: '' }, server.address())
  let said = 0
  const tick = (): Promise<unknown> => live.publish(TICKS, said++)
  const ticking = ticks ? setInterval(tick, EVERY_MS) : undefined
  return {
    port: address.port,
    live,
    get said() {
      return said
    },
    tick,
    hush: () => clearInterval(ticking),
    async stored(name) {
      const { epoch } = await log.head(name)
      const events = await log.read(name, { epoch, seq: 0 }, 100_000)
      return (events ?? []).map(({ body }) => JSON.parse(String(body)))
    },
    async close() {
      clearInterval(ticking)
      server.close()
      await live.close()
      server.closeAllConnections()
    },
  }
}
