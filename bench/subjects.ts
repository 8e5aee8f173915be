import { readFileSync } from 'node:fs'

/** A thing that is measured: its name in the tables, and its file in `subjects/`. */
export interface Subject {
  readonly name: string
  readonly file: string
}

function installed(name: string): Subject {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8'),
  )
  const version = typeof manifest === 'object' && manifest && 'version' in manifest ? `${manifest.version}` : '?'
  return { name: `${name} ${version}`, file: name }
}

export const BARE: Subject = { name: 'bare WebSocket', file: 'bare' }
export const WRAPPER: Subject = { name: '40-line EventTarget wrapper', file: 'event-target-wrapper' }
export const HOLDFAST: Subject = { name: 'Holdfast', file: 'holdfast' }
export const WEBSOCKET_TS = installed('websocket-ts')
export const PEERS: readonly Subject[] = [installed('reconnecting-websocket'), installed('partysocket'), WEBSOCKET_TS]
export const ALL: readonly Subject[] = [BARE, WRAPPER, HOLDFAST, ...PEERS]
