import { readFileSync } from 'node:fs'
import type { Tone } from './charts/palette.ts'

/** A thing that is measured. */
export interface Subject {
  /** Its name among the results. */
  readonly key: string
  /** Its name in tables and charts. */
  readonly name: string
  /** In `subjects/`. */
  readonly file: string
  readonly tone: Tone
}

function installed(key: 'reconnecting-websocket' | 'partysocket' | 'websocket-ts'): Subject {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL(`../node_modules/${key}/package.json`, import.meta.url), 'utf8'),
  )
  const version = typeof manifest === 'object' && manifest && 'version' in manifest ? `${manifest.version}` : '?'
  return { key, name: `${key} ${version}`, file: key, tone: key }
}

export const BARE: Subject = { key: 'bare', name: 'bare WebSocket', file: 'bare', tone: 'reference' }
/** The same once more: what it differs from the first is what a measurement cannot tell apart. */
export const CONTROL: Subject = { ...BARE, key: 'control', name: 'bare WebSocket, once more' }
export const WRAPPER: Subject = {
  key: 'wrapper',
  name: '40-line EventTarget wrapper',
  file: 'event-target-wrapper',
  tone: 'reference',
}
export const HOLDFAST: Subject = { key: 'holdfast', name: 'Holdfast', file: 'holdfast', tone: 'holdfast' }
export const LAYERED: Subject = {
  key: 'layered',
  name: 'Holdfast, heartbeat and auth',
  file: 'holdfast-layered',
  tone: 'holdfast',
}
export const ASKING: Subject = {
  key: 'asking',
  name: 'Holdfast, heartbeat',
  file: 'holdfast-heartbeat',
  tone: 'holdfast',
}
export const RECONNECTING = installed('reconnecting-websocket')
export const PARTYSOCKET = installed('partysocket')
export const WEBSOCKET_TS = installed('websocket-ts')
export const PEERS: readonly Subject[] = [RECONNECTING, PARTYSOCKET, WEBSOCKET_TS]
export const ALL: readonly Subject[] = [BARE, WRAPPER, HOLDFAST, ...PEERS]
/** For CPU, where noise must be told from news. */
export const CONTROLLED: readonly Subject[] = [BARE, CONTROL, WRAPPER, HOLDFAST, ...PEERS]

/** Who was measured, so that results of other versions are not shown under these names. */
export const versions = (): string => PEERS.map(({ name }) => name).join(', ')
