// nginx before a WebSocket server, as it is written down a thousand times, and as it is forgotten as often.
import { userInfo } from 'node:os'
import { firstOf } from './installed.ts'
import { type ProxyOptions, type RunningProxy, running, type Start } from './running.ts'

export interface NginxOptions extends ProxyOptions {
  /** `false` leaves the `Upgrade` header out, as nginx does unless it is told: it is a hop-by-hop header [RFC 9110 §7.8]. @defaultValue true */
  readonly upgrade?: boolean
}

/** `NGINX_PATH`, or where packages put it; undefined when it is not there. */
export function findNginx(): string | undefined {
  return firstOf(process.env.NGINX_PATH, [
    '/usr/sbin/nginx',
    '/usr/local/sbin/nginx',
    '/usr/local/bin/nginx',
    '/opt/homebrew/bin/nginx',
  ])
}

/** Starts nginx on a free port, with what belongs into its `http` block. `reloads`: it can be given another one. */
export async function startNginx(http: Start['configuration'], reloads = false): Promise<RunningProxy> {
  const program = findNginx()
  if (program === undefined) throw new Error('Expected nginx to be installed.')
  const started = await running({
    program,
    arguments: (folder, file) => ['-p', folder, '-c', file, '-e', 'stderr'],
    configuration: whole(http, reloads),
    workers: reloads,
  })
  return { ...started, reload: other => started.reload(whole(other, reloads)) }
}

function whole(http: Start['configuration'], reloads: boolean): Start['configuration'] {
  // One program with one pid: what ends it ends all of it. One that reloads is two, and a reload takes both.
  return (port, alive) => `
daemon off;
master_process ${reloads ? 'on' : 'off'};
# Nothing runs as another user.
user ${userInfo().username};
pid nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxied;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  ${http(port, alive)}
}
`
}

/** nginx on a free port. */
export function nginx({ upstreamPort, idleS = 60, upgrade = true }: NginxOptions): Promise<RunningProxy> {
  return startNginx(
    (port, alive) => `
  server {
    listen 127.0.0.1:${port};
    location = ${alive} { return 200; }
    location / {
      proxy_pass http://127.0.0.1:${upstreamPort};
      proxy_read_timeout ${idleS}s;
      ${upgrade ? passesTheUpgradeOn : ''}
    }
  }`,
  )
}

const passesTheUpgradeOn = `
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_set_header Host $host;`
