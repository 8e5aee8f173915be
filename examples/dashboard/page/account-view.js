// @ts-check
// The sign-in panel: who it is, how long the token still lives, and what can happen to it.
import { post } from './account.js'
import { byId, say } from './elements.js'

/** @typedef {import('./account.js').Account} Account */
/** @typedef {import('holdfast').ResilientWebSocket} ResilientWebSocket */

const refreshMs = 200

/** Closed because of who we are, so that only signing in helps. @param {Account} me @param {ResilientWebSocket} socket */
export function needsSignIn(me, { status: { state, cause } }) {
  const by = cause?.next.type === 'stop' ? cause.next.by : null
  return !me.signedIn || (state === 'closed' && (by === 'signed-out' || by === 'unauthorized'))
}

/**
 * @param {object} options
 * @param {ResilientWebSocket} options.socket
 * @param {Account} options.me
 * @param {(line: string) => void} options.write
 */
export function accountView({ socket, me, write }) {
  const who = byId('who', HTMLElement)
  const left = byId('token-left', HTMLElement)
  const bar = byId('token-bar', HTMLElement)
  const placed = byId('placed', HTMLElement)
  const waiting = byId('waiting', HTMLElement)
  const report = byId('account-report', HTMLElement)
  const order = byId('order', HTMLButtonElement)
  const again = byId('sign-in', HTMLButtonElement)
  const out = byId('log-out', HTMLButtonElement)
  const expire = byId('expire', HTMLButtonElement)
  const switchName = byId('switch-name', HTMLElement)
  /** Whom the server serves on this connection, in its own words. @type {string | null} */
  let served = null

  const identity = () => {
    if (!me.signedIn) return 'Signed out'
    if (needsSignIn(me, socket)) return `${me.name}’s session has ended`
    return served === me.name ? `Signed in as ${me.name}` : `Signing in as ${me.name}…`
  }

  const refresh = () => {
    const { state, queued } = socket.status
    const closed = state === 'closed'
    const shut = needsSignIn(me, socket)
    if (shut) served = null
    say(who, identity())
    say(switchName, `Switch to ${me.other}`)
    say(waiting, String(queued.messages))
    order.setAttribute('aria-disabled', String(closed))
    again.setAttribute('aria-disabled', String(!shut))
    again.classList.toggle('primary', shut)
    out.setAttribute('aria-disabled', String(!me.signedIn))
    expire.setAttribute('aria-disabled', String(closed))

    const life = shut || closed ? null : me.life
    const rest = life === null ? 0 : Math.max(0, life.until - Date.now())
    const renewing = state === 'auth-refresh'
    say(left, renewing ? 'renewing…' : life === null ? 'none' : `${Math.ceil(rest / 1000)} s left`)
    bar.style.setProperty('--left', life === null || renewing ? '0' : String(rest / (life.until - life.from)))
  }

  /** @param {string} what */
  const note = what => write(`${new Date().toISOString().slice(11, 19)}Z you: ${what}`)

  /**
   * Asks the server to do something to this account.
   * @param {'expire' | 'revoke' | 'sign-in'} type
   */
  const ask = async type => {
    try {
      say(report, String((await post('/api/accounts', { type, account: me.name })).says))
    } catch {
      say(report, 'The demo does not answer. Is it still running?')
    }
  }

  /** @param {string} id @param {() => void} act */
  const on = (id, act) => {
    const button = byId(id, HTMLButtonElement)
    button.addEventListener('click', () => {
      if (button.getAttribute('aria-disabled') === 'true') return
      act()
      refresh()
    })
  }

  /** Only a socket that is not closed can use a fresh token; one that is has to be opened again. */
  const putToUse = () => {
    if (socket.status.state === 'closed') socket.reconnect()
    else socket.refreshAuth()
  }

  const signIn = async () => {
    note(`Sign in as ${me.name}`)
    await ask('sign-in')
    me.signIn()
    socket.reconnect()
    refresh()
  }

  on('expire', () => {
    note(`Expire the token of ${me.name}`)
    ask('expire')
  })
  on('revoke', () => {
    note(`Revoke ${me.name}`)
    ask('revoke')
  })
  on('log-out', () => {
    note('Log out')
    me.logOut()
    // The provider is asked, answers null, and the socket closes at once.
    socket.refreshAuth()
    say(report, 'Logged out: no token, no connection.')
  })
  on('switch', () => {
    note(`Switch to ${me.other}`)
    me.swap()
    me.signIn()
    say(report, `Switched to ${me.name}: what was waiting for ${me.other} is dropped.`)
    putToUse()
  })
  on('order', () => {
    // Queued while nothing is open, and sent then.
    socket.send('order')
  })
  on('sign-in', signIn)

  socket.on('discard', ({ messages, why }) => {
    const orders = `${messages} waiting ${messages === 1 ? 'order' : 'orders'} dropped`
    note(why === 'identity' ? `${orders}: somebody else has signed in` : `${orders} (${why})`)
  })
  socket.on('status', refresh)
  setInterval(refresh, refreshMs)
  refresh()

  return {
    signIn,
    /** The server says whom it serves, and how many orders it has of them. @param {string} name @param {number} orders */
    serves(name, orders) {
      served = name
      say(placed, String(orders))
      refresh()
    },
  }
}
