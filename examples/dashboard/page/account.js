// @ts-check
// Who this page is signed in as, and where its tokens come from. No elements here.

/**
 * @typedef {object} Account
 * @property {string} name whose token is asked for
 * @property {string} other the account that one can switch to
 * @property {boolean} signedIn
 * @property {{ from: number, until: number } | null} life of the newest token, in epoch milliseconds; never the token itself
 * @property {import('holdfast').AuthProvider} provider
 * @property {() => void} logOut
 * @property {() => void} signIn
 * @property {() => void} swap
 */

/**
 * @param {object} options
 * @param {readonly string[]} options.names of two accounts
 * @param {(sentence: string) => void} options.tell hears of every token that was fetched, and is not told the token
 * @returns {Account}
 */
export function account({ names, tell }) {
  let [name = '', other = ''] = names
  let signedIn = true
  /** @type {Account['life']} */
  let life = null

  return {
    get name() {
      return name
    },
    get other() {
      return other
    },
    get signedIn() {
      return signedIn
    },
    get life() {
      return life
    },
    // Asked for the first token, for a fresh one at 80 % of its life, and whenever the server refuses one.
    async provider({ reason, signal }) {
      if (!signedIn) return null
      const identity = name
      // Counted from before the request, so that it is never believed to live longer than the server says.
      const from = Date.now()
      const { token, lifeMs } = await post('/token', { account: identity }, signal)
      if (typeof token !== 'string' || typeof lifeMs !== 'number') throw new Error('The demo gave no token.')
      life = { from, until: from + lifeMs }
      tell(`a token for ${identity}, good for ${Math.round(lifeMs / 1000)} s (${reason})`)
      return { token, expiresAt: life.until, identity }
    },
    logOut() {
      signedIn = false
      life = null
    },
    signIn() {
      signedIn = true
    },
    swap() {
      const before = name
      name = other
      other = before
      life = null
    },
  }
}

/**
 * @param {string} path
 * @param {Record<string, unknown>} body
 * @param {AbortSignal} [signal]
 * @returns {Promise<Record<string, unknown>>}
 */
export async function post(path, body, signal) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    credentials: 'omit',
    cache: 'no-store',
    ...(signal && { signal }),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error)
  return answer
}
