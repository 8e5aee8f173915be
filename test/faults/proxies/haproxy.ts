// HAProxy before a WebSocket server.
import { firstOf } from './installed.ts'
import { type ProxyOptions, type RunningProxy, running, type Start } from './running.ts'

/** `HAPROXY_PATH`, or where packages put it; undefined when it is not there. */
export function findHaproxy(): string | undefined {
  return firstOf(process.env.HAPROXY_PATH, [
    '/usr/sbin/haproxy',
    '/usr/local/sbin/haproxy',
    '/usr/local/bin/haproxy',
    '/opt/homebrew/bin/haproxy',
  ])
}

/** Starts HAProxy on a free port. */
export function startHaproxy(configuration: Start['configuration']): Promise<RunningProxy> {
  const program = findHaproxy()
  if (program === undefined) return Promise.reject(new Error('Expected haproxy to be installed.'))
  return running({
    program,
    // -db: in the foreground, as one program with one pid.
    arguments: (_, file) => ['-db', '-f', file],
    configuration,
  })
}

/** HAProxy on a free port. Once a connection is upgraded, `timeout tunnel` alone counts. */
export function haproxy({ upstreamPort, idleS = 60 }: ProxyOptions): Promise<RunningProxy> {
  return startHaproxy(
    (port, alive) => `
global
  maxconn 256
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  timeout tunnel ${idleS}s
  # A server that is down is said to be down at once, not after three more tries a second apart.
  retries 0
frontend front
  bind 127.0.0.1:${port}
  monitor-uri ${alive}
  default_backend back
backend back
  server one 127.0.0.1:${upstreamPort}
`,
  )
}
