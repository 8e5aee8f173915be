// The configurations that docs/behind-a-proxy.md shows, run as they stand there but for their ports.
import { readFileSync } from 'node:fs'
import { startHaproxy } from './haproxy.ts'
import { startNginx } from './nginx.ts'
import type { RealProxy } from './runnable.ts'
import type { RunningProxy } from './running.ts'

const page = readFileSync(new URL('../../../docs/behind-a-proxy.md', import.meta.url), 'utf8')

function shown(language: string): string {
  const [, code] = RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(page) ?? []
  if (code === undefined) throw new Error(`docs/behind-a-proxy.md shows no ${language}.`)
  return code
}

/** Puts ours in the place of something that must be there. */
function put(text: string, shown: string, ours: string): string {
  if (!text.includes(shown)) throw new Error(`Expected the documented configuration to have \`${shown}\`.`)
  return text.replace(shown, ours)
}

/** With the two servers of the page on other ports. */
function before(text: string, [one, two]: readonly [number, number]): string {
  return put(put(text, '127.0.0.1:8080', `127.0.0.1:${one}`), '127.0.0.1:8081', `127.0.0.1:${two}`)
}

/** The proxies of the page, before two servers. */
export const documented: Readonly<
  Record<RealProxy['name'], (servers: readonly [number, number]) => Promise<RunningProxy>>
> = {
  nginx: servers =>
    startNginx((port, alive) =>
      put(
        before(shown('nginx'), servers),
        'listen 80;',
        `listen 127.0.0.1:${port}; location = ${alive} { return 200; }`,
      ),
    ),
  haproxy: servers =>
    startHaproxy((port, alive) =>
      put(
        // As many as any machine allows.
        put(before(shown('haproxy'), servers), 'maxconn 20000', 'maxconn 256'),
        'bind :80',
        `bind 127.0.0.1:${port}\n  monitor-uri ${alive}`,
      ),
    ),
}

/** The headers of the documented curl line. */
export function documentedUpgrade(): Readonly<Record<string, string>> {
  const line = shown('sh')
  if (!line.startsWith('curl ')) throw new Error('Expected the first line of shell to be curl.')
  return Object.fromEntries([...line.matchAll(/-H '([\w-]+): ([^']+)'/g)].map(([, name, value]) => [name, value]))
}
