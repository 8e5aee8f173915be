// @ts-check
// The state of both sockets in plain words. A screen reader hears each state once.
import { describe } from 'holdfast/observe'
import { byId, say } from '../../dashboard/page/elements.js'

/** @typedef {import('./traffic.js').Traffic} Traffic */

/** @param {{ session: Traffic, plain: Traffic, tokens: () => number }} page */
export function stateView({ session, plain, tokens }) {
  const announcement = byId('announcement', HTMLElement)
  let announced = ''

  return () => {
    const now = Date.now()
    for (const [name, { socket, node }] of /** @type {const} */ ([
      ['session', session],
      ['plain', plain],
    ])) {
      const { status } = socket
      byId(`${name}-state`, HTMLElement).dataset.state = status.state
      say(byId(`${name}-words`, HTMLElement), describe(status, now))
      say(byId(`${name}-transport`, HTMLElement), status.transport ?? '–')
      say(byId(`${name}-connection`, HTMLElement), status.connectionId ?? '–')
      say(byId(`${name}-node`, HTMLElement), node ?? '–')
      say(byId(`${name}-waiting`, HTMLElement), String(status.queued.messages))
    }
    const { state, transport } = session.socket.status
    document.body.dataset.state = state
    const stands = `${state} ${transport}`
    say(byId('tokens', HTMLElement), String(tokens()))
    const over = transport === null ? '' : `, ${transport}`
    if (stands !== announced) say(announcement, `Session: ${describe(session.socket.status)}${over}`)
    announced = stands
  }
}
