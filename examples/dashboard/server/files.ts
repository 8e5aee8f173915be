// The files that the page may load, and no others.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

export interface Served {
  readonly type: string
  readonly body: Buffer
}

export interface Files {
  /** The file for a path of the site, or `null`. */
  read(path: string): Promise<Served | null>
}

const types: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  map: 'application/json; charset=utf-8',
  svg: 'image/svg+xml',
}

/** One plain file name: no folders, no dots in front, so nothing outside the folder can be named. */
const name = '[\\w-][\\w.-]*'

/** `library` is the folder with the built `index.js`, `observe.js`, `session.js`, `sse.js` and `polling.js`. */
export function files({ library }: { readonly library: URL }): Files {
  const page = new URL('../', import.meta.url)
  const session = new URL('../session/', page)
  const routes: readonly (readonly [RegExp, URL])[] = [
    [/^\/(index\.html|icon\.svg)$/, page],
    [new RegExp(`^/style/(${name}\\.css)$`), new URL('style/', page)],
    // By the second name as it lies on the disk, for the page beside this one that imports from here.
    [new RegExp(`^/(?:dashboard/)?page/(${name}\\.js)$`), new URL('page/', page)],
    [/^\/session\/(index\.html)$/, session],
    [new RegExp(`^/session/style/(${name}\\.css)$`), new URL('style/', session)],
    [new RegExp(`^/session/page/(${name}\\.js)$`), new URL('page/', session)],
    [new RegExp(`^/holdfast/(${name}\\.js(?:\\.map)?)$`), library],
    [/^\/modules\/(mitt\.mjs)$/, new URL('../../node_modules/mitt/dist/', page)],
  ]

  return {
    async read(path) {
      const wanted = path.endsWith('/') ? `${path}index.html` : path
      for (const [pattern, folder] of routes) {
        const file = pattern.exec(wanted)?.[1]
        const type = types[file?.split('.').at(-1) ?? '']
        if (file === undefined || type === undefined) continue
        return readFile(new URL(file, folder)).then(
          body => ({ type, body }),
          () => null,
        )
      }
      return null
    },
  }
}

/** The hashes that let the inline import map of a page pass its own content security policy [CSP3 §8.3]. */
export function inlineScriptHashes(html: string): string {
  return [...html.matchAll(/<script type="importmap">([\s\S]*?)<\/script>/g)]
    .map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
    .join(' ')
}
