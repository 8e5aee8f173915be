// @ts-check
// What carries the traffic of the session, why it is not the preferred one, and which is tried next.
import { byId, say } from '../../dashboard/page/elements.js'

/** @typedef {import('./traffic.js').Traffic} Traffic */
/** @typedef {import('holdfast').Status} Status */
/** @typedef {NonNullable<Status['degraded']>} Degraded */

const names = /** @type {const} */ (['websocket', 'sse', 'polling'])

/** @type {Readonly<Record<Degraded['why'], string>>} */
const reasons = {
  blocked: 'Blocked on the way',
  failing: 'Failed again and again',
  'not-offered': 'Not offered here',
  buffered: 'Stream is held back',
  silent: 'Silent for 4 s',
  remembered: 'It was so before',
  exhausted: 'Nothing else works',
}

/** @param {Status} status @param {number} now */
function words({ degraded, transport, state }, now) {
  if (degraded !== null) {
    const seconds = degraded.nextAt === null ? null : Math.max(0, Math.ceil((degraded.nextAt - now) / 1_000))
    const next = seconds === null ? `Trying ${degraded.next} now…` : `Next: ${degraded.next} in ${seconds} s`
    return { why: reasons[degraded.why], next }
  }
  if (state === 'open') return { why: 'The preferred way', next: 'No better one to look for' }
  return { why: 'Nothing gets through', next: transport === null ? 'Waiting' : `Dialling ${transport}…` }
}

/** @param {{ session: Traffic }} page */
export function waysView({ session }) {
  const [why, next] = [byId('why', HTMLElement), byId('next', HTMLElement)]
  return () => {
    const { status } = session.socket
    const serves = status.state === 'open' || status.degraded !== null
    for (const name of names) {
      const carries = serves && status.transport === name
      const way = byId(`way-${name}`, HTMLElement)
      const dialled = !carries && (status.degraded?.next === name || (!serves && status.transport === name))
      way.dataset.now = carries ? 'carries' : dialled ? 'next' : 'not'
      say(byId(`way-${name}-now`, HTMLElement), carries ? 'carries' : dialled ? (serves ? 'next' : 'dialled') : '–')
    }
    const said = words(status, Date.now())
    say(why, said.why)
    say(next, said.next)
    byId('try-now', HTMLButtonElement).setAttribute('aria-disabled', String(status.state === 'open'))
  }
}
