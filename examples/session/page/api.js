// @ts-check
// What the page asks the demo for by HTTP: the state of the app, and to break something.
import { post } from '../../dashboard/page/account.js'

/** @typedef {import('../server/snapshot.ts').Snapshot} Snapshot */
/** @typedef {import('../server/snapshot.ts').Report} Report */

/**
 * Where everything stands, and from which positions the log makes it newer.
 * @param {string} tab
 * @returns {Promise<Snapshot>}
 */
export async function snapshot(tab) {
  const answer = await fetch(`/api/session?tab=${tab}`, { cache: 'no-store', credentials: 'omit' })
  if (!answer.ok) throw new Error(`The demo answered ${answer.status}.`)
  return answer.json()
}

/**
 * @param {Record<string, unknown>} wish
 * @returns {Promise<Report | { error: string }>}
 */
export async function ask(wish) {
  try {
    const { says, nodes } = await post('/api/session', wish)
    return typeof says === 'string' && Array.isArray(nodes) ? { says, nodes } : { error: 'The demo gave no answer.' }
  } catch (error) {
    return { error: error instanceof Error ? error.message : 'The demo does not answer. Is it still running?' }
  }
}

/** 128 random bits, as 32 hexadecimal digits. */
export function randomTab() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('')
}
