// @ts-check
// The connection in plain words: state, cause, times and the two buttons.
import { describe } from 'holdfast/observe'
import { causeInWords } from './cause.js'
import { byId, say } from './elements.js'

/** @typedef {import('holdfast').ResilientWebSocket} ResilientWebSocket */

/** The server speaks several times a second: silence longer than this is worth a colour. */
const quietMs = 2_500
const refreshMs = 200

/**
 * In the words of a user interface; one more of them than the library has.
 * @param {ResilientWebSocket['status']} status
 * @param {number} [now]
 */
function phraseFor(status, now) {
  const { cause } = status
  return cause?.next.type === 'stop' && cause.next.by === 'signed-out' ? 'Signed out' : describe(status, now)
}

/**
 * @param {ResilientWebSocket} socket
 * @param {object} page
 * @param {(asOf: number | null) => void} page.stale told how old the picture is while nothing new comes in
 * @param {() => boolean} page.signsIn connecting again takes signing in first
 * @param {() => void} page.signIn
 */
export function showStatus(socket, { stale, signsIn, signIn }) {
  const words = byId('words', HTMLElement)
  const pill = byId('pill', HTMLElement)
  const pillWords = byId('pill-words', HTMLElement)
  const announcement = byId('announcement', HTMLElement)
  const cause = byId('cause', HTMLElement)
  const nextTry = byId('next-try', HTMLElement)
  const attempt = byId('attempt', HTMLElement)
  const age = byId('age', HTMLElement)
  const since = byId('since', HTMLElement)
  const connection = byId('connection', HTMLElement)
  const retry = byId('retry', HTMLButtonElement)
  const toggle = byId('toggle', HTMLButtonElement)

  /** What runs with the clock, or with who is signed in: countdown, ages, and what the second button does. Nothing here is announced. */
  const refreshTimes = () => {
    const now = Date.now()
    const { status, lastMessageAt } = socket
    const phrase = phraseFor(status, now)
    say(words, phrase)
    say(pillWords, phrase)
    const waiting = status.nextRetryAt !== null
    const dialling = !waiting && status.transport !== null && status.state !== 'open'
    say(nextTry, waiting ? `in ${seconds(Math.max(0, Number(status.nextRetryAt) - now))}` : dialling ? 'now' : '–')
    const silence = lastMessageAt === null ? null : Math.max(0, now - lastMessageAt)
    say(age, silence === null ? '–' : `${seconds(silence)} ago`)
    const quiet = silence !== null && silence > quietMs
    document.body.toggleAttribute('data-quiet', quiet)
    stale(quiet || status.state !== 'open' ? lastMessageAt : null)
    say(since, duration(now - status.since))
    const closed = status.state === 'closed'
    say(toggle, closed ? (signsIn() ? 'Sign in' : 'Connect') : 'Disconnect')
    toggle.classList.toggle('primary', closed)
  }

  let announced = ''
  const refresh = () => {
    const { status } = socket
    document.body.dataset.state = status.state
    say(attempt, String(status.attempt))
    say(connection, status.connectionId ?? '–')
    if (status.cause !== null) say(cause, `Last disconnect: ${causeInWords(status.cause)}`)
    retry.setAttribute('aria-disabled', String(status.nextRetryAt === null))
    refreshTimes()
    // A screen reader hears each state once, not each second of a countdown.
    const key = `${status.state} ${status.online} ${status.limited}`
    if (key !== announced) say(announcement, phraseFor(status))
    announced = key
  }

  retry.addEventListener('click', () => {
    if (socket.status.nextRetryAt !== null) socket.retryNow()
  })
  toggle.addEventListener('click', () => {
    if (socket.status.state !== 'closed') socket.close(1000, 'disconnected by the user')
    else if (signsIn()) signIn()
    else socket.reconnect()
  })
  // On a small screen the state scrolls away while the controls are used, so it is repeated at the top.
  new IntersectionObserver(([entry]) => pill.classList.toggle('shown', entry?.isIntersecting === false)).observe(words)

  socket.on('status', refresh)
  setInterval(refreshTimes, refreshMs)
  refresh()
}

/** @param {number} ms */
function seconds(ms) {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : duration(ms)
}

/** @param {number} ms */
function duration(ms) {
  const whole = Math.max(0, Math.floor(ms / 1000))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
