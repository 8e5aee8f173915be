// @ts-check
// The buttons: some break something at the demo, some are one call of the socket.
import { byId, say } from '../../dashboard/page/elements.js'
import { ask } from './api.js'

/** @typedef {import('./traffic.js').Traffic} Traffic */

/**
 * @param {string} id
 * @param {(who: string, what: string) => void} tell
 * @param {() => void | Promise<void>} press
 */
export function button(id, tell, press) {
  const pressed = byId(id, HTMLButtonElement)
  pressed.addEventListener('click', () => {
    if (pressed.getAttribute('aria-disabled') === 'true') return
    // Written before it is done, so that it stands below the lines that it causes.
    tell('you', pressed.getAttribute('aria-label') ?? pressed.querySelector('b')?.textContent ?? id)
    press()
  })
}

/**
 * @param {object} page
 * @param {string} page.tab
 * @param {Traffic} page.session
 * @param {Traffic} page.plain
 * @param {(who: string, what: string) => void} page.tell
 * @param {(nodes: import('./api.js').Snapshot['nodes']) => void} page.fleet hears of the nodes
 */
export function controls({ tab, session, plain, tell, fleet }) {
  const report = byId('report', HTMLElement)

  /** @param {Record<string, unknown>} wish */
  const demo = wish => async () => {
    const answer = await ask(wish)
    if ('error' in answer) {
      say(report, answer.error)
      return
    }
    say(report, answer.says)
    fleet(answer.nodes)
  }

  for (const node of ['A', 'B']) {
    button(`kill-${node}`, tell, demo({ type: 'kill', node }))
    button(`drain-${node}`, tell, demo({ type: 'drain', node }))
  }
  button('cut', tell, demo({ type: 'cut', tab }))
  button('silence', tell, demo({ type: 'silence', tab }))
  button('lose-log', tell, demo({ type: 'lose-log' }))
  button('rotate', tell, () => {
    session.socket.refreshAuth()
    say(report, 'A fresh token goes over the connection that is open.')
  })
  button('handover', tell, () => {
    session.socket.handover()
    plain.socket.handover()
    say(report, 'The session dials a second connection beside the first; the plain socket has to close before.')
  })
}
