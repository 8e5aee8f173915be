// @ts-check
// The two nodes: what they do, and which socket of this page is where.
import { byId, say } from '../../dashboard/page/elements.js'
import { anyNode } from './traffic.js'

/** @typedef {import('./traffic.js').Traffic} Traffic */
/** @typedef {import('./api.js').Snapshot['nodes']} Nodes */

const words = { up: 'Up', draining: 'Draining', down: 'Down' }

/** @param {Nodes} atFirst */
export function nodesView(atFirst) {
  let nodes = atFirst

  /** @param {{ session: Traffic, plain: Traffic }} both */
  const refresh = ({ session, plain }) => {
    for (const { name, state } of nodes) {
      const card = byId(`node-${name}`, HTMLElement)
      card.dataset.state = state
      say(byId(`node-${name}-state`, HTMLElement), words[state])
      for (const [kind, { node, socket }] of /** @type {const} */ ([
        ['session', session],
        ['plain', plain],
      ])) {
        const here = node === name || node === anyNode
        byId(`node-${name}-${kind}`, HTMLElement).hidden = !here || socket.readyState !== WebSocket.OPEN
      }
      byId(`kill-${name}`, HTMLButtonElement).setAttribute('aria-disabled', String(state === 'down'))
      byId(`drain-${name}`, HTMLButtonElement).setAttribute('aria-disabled', String(state !== 'up'))
    }
  }
  return {
    /** @param {Nodes} now */
    set(now) {
      nodes = now
    },
    refresh,
  }
}
