import { readFileSync } from 'node:fs'
import type { Tone } from '../charts/palette.ts'

/** A server and how to speak to it. */
export interface Pair {
  /** Its name among the results. */
  readonly key: string
  /** Its name in tables and charts, with the version that the results are of. */
  name(versions: Readonly<Record<string, string>>): string
  /** In `servers/` and `clients/`. */
  readonly server: string
  readonly client: string
  readonly tone: Tone
}

function version(name: 'ws' | 'socket.io'): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), 'utf8'),
  )
  return typeof manifest === 'object' && manifest && 'version' in manifest ? `${manifest.version}` : '?'
}

/** Of what is installed, to be kept with the results. */
export const serverVersions = (): Readonly<Record<string, string>> => ({
  ws: version('ws'),
  'socket.io': version('socket.io'),
})

export const WS: Pair = {
  key: 'ws',
  name: ({ ws }) => `bare ws ${ws}`,
  server: 'ws',
  client: 'ws',
  tone: 'reference',
}
/** The same once more: what it differs from the first is what a measurement cannot tell apart. */
export const WS_AGAIN: Pair = { ...WS, key: 'control', name: () => 'bare ws, once more' }
export const SESSION: Pair = {
  key: 'holdfast',
  name: () => 'Holdfast',
  server: 'holdfast',
  client: 'holdfast',
  tone: 'holdfast',
}
export const REQUEST: Pair = { ...SESSION, key: 'request', name: () => 'Holdfast, request', client: 'holdfast-request' }
export const SOCKET_IO: Pair = {
  key: 'socket.io',
  name: versions => `socket.io ${versions['socket.io']}`,
  server: 'socket-io',
  client: 'socket-io',
  tone: 'socket-io',
}
