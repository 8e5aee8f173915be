// nginx as it stands before servers that nobody told it of.
import { startNginx } from '../proxies/nginx.ts'
import type { RunningProxy, Start } from '../proxies/running.ts'

export interface Forgetful {
  /** The upgrade is passed on. @defaultValue true */
  readonly upgrade?: boolean
  /** Answers are buffered, and what a server says to that is ignored. A stream passes all the same, as it comes. @defaultValue false */
  readonly buffers?: boolean
  /** And compressed, streams as well: then nothing passes until there is enough of it. @defaultValue false */
  readonly compresses?: boolean
  /** After so much silence of the server it cuts, in s. @defaultValue 60 */
  readonly readS?: number
  /** Another server is asked where one does not answer. @defaultValue true */
  readonly retries?: boolean
}

/** Its `http` block. */
export function forgetful(
  servers: readonly number[],
  { upgrade = true, buffers = false, compresses = false, readS = 60, retries = true }: Forgetful,
): Start['configuration'] {
  return (port, alive) => `
  upstream live {
    ${servers.map(each => `server 127.0.0.1:${each} max_fails=0;`).join('\n    ')}
  }
  server {
    listen 127.0.0.1:${port};
    location = ${alive} { return 200; }
    location / {
      proxy_pass http://live;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_read_timeout ${readS}s;
      ${upgrade ? 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";' : 'proxy_set_header Connection "";'}
      ${buffers ? 'proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;' : 'proxy_buffering off;'}
      ${compresses ? 'gzip on; gzip_types text/event-stream;' : ''}
      ${retries ? '' : 'proxy_next_upstream off;'}
    }
  }`
}

export function forgetfulNginx(servers: readonly number[], how: Forgetful): Promise<RunningProxy> {
  return startNginx(forgetful(servers, how), true)
}
