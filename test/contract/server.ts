import { inject } from 'vitest'
import type { ContractServers } from '../support/contract-server.ts'
import type { Sighting } from '../support/contract-server-ledger.ts'

/** One behaviour of the contract server under an id of its own, and the levers on it. */
export interface Place {
  readonly url: string
  readonly id: string
  /** Whether the server holds the handshake back. */
  readonly held: boolean
  /** What the server saw, once the first `count` connections to this place are over. */
  ended(count?: number): Promise<readonly Sighting[]>
  /** The same as soon as that many handshake requests have come in. */
  arrived(count?: number): Promise<readonly Sighting[]>
  /** The same now. */
  seen(): Promise<readonly Sighting[]>
  release(): Promise<void>
  drop(): Promise<void>
  close(code?: number, reason?: string): Promise<void>
  text(text: string): Promise<void>
  bytes(hex: string): Promise<void>
  /** The first `count` messages of the first connection, as soon as the server has them. */
  heard(count: number): Promise<Sighting['messages']>
}

type Query = Readonly<Record<string, string | number | undefined>>

function queryOf(entries: Query): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(entries)) if (value !== undefined) query.set(name, String(value))
  return query.toString()
}

export function servers(): ContractServers {
  return inject('contractServers')
}

let places = 0
const heldIds: string[] = []

function place(behaviour: string, entries: Query = {}, host = servers().main): Place {
  const id = `${behaviour}-${Date.now()}-${++places}`
  const ask = async (action: string, more: Query = {}) => {
    const response = await fetch(`http://${host}/-/${action}?${queryOf({ id, ...more })}`)
    return response.json()
  }
  return {
    id,
    held: host === servers().slow,
    url: `ws://${host}/${behaviour}?${queryOf({ id, ...entries })}`,
    ended: count => ask('ended', { count }),
    arrived: count => ask('arrived', { count }),
    seen: () => ask('seen'),
    release: () => ask('release'),
    drop: () => ask('drop'),
    close: (code, reason) => ask('close', { code, reason }),
    text: text => ask('text', { text }),
    bytes: hex => ask('bytes', { hex }),
    heard: count => ask('heard', { count }),
  }
}

export const accepts = (select?: string) => place('accepts', { select })
export const echoes = () => place('echoes')
export const compresses = () => place('compresses')
export const counts = (count: number) => place('counts', { count })
export const sends = (hex: string) => place('sends', { hex })
export const closes = (code?: number, reason?: string) => place('closes', { code, reason })
export const drops = () => place('drops')
/** Answers pings after `delay` ms, speaks every `every` ms, and is half-open `mute` ms after it accepted; 0 is at once, and never. */
export const pongs = ({ delay = 0, every = 0, mute = 0 } = {}) => place('pongs', { delay, every, mute })
/** A misbehaviour of test/hostile/behaviours.ts, by its name. */
export const hostile = (name: string) => place('hostile', { name })
export const reflects = () => place('reflects')
export const holds = () => {
  const held = place('holds', {}, servers().slow)
  heldIds.push(held.id)
  return held
}
/** Ends every handshake that is held back, also one that has yet to come in: Firefox leaves them standing, and takes no more than six. */
export async function forgetHeld(): Promise<void> {
  for (const id of heldIds.splice(0)) await fetch(`http://${servers().slow}/-/forget?${queryOf({ id })}`)
}
export const refuses = (status: number) => place('refuses', { status })
export const mumbles = (replace: string, by: string) => place('mumbles', { replace, by })
export const adds = (header: string) => place('adds', { header })
/** A place that behaves like one after the other, a handshake each, and goes on like the last one. */
export function sequence(...steps: readonly Place[]): Place {
  const held = steps.some(({ held }) => held)
  const whole = place('sequence', {}, held ? servers().slow : servers().main)
  if (held) heldIds.push(whole.id)
  const query = new URLSearchParams(steps.map(({ url }) => ['step', new URL(url).pathname + new URL(url).search]))
  return { ...whole, url: `${whole.url}&${query}` }
}

export const stutters = () => place('stutters')
export const babbles = () => place('babbles')
export const ignores = () => place('ignores')
export const answers = (code: number, reason = '') => place('answers', { code, reason })

/** A trip to the server and back: whatever the page had under way before it has had its turn. */
export async function roundTrip(): Promise<void> {
  await fetch(`http://${servers().main}/-/nothing`)
  await new Promise(resolve => setTimeout(resolve))
}
