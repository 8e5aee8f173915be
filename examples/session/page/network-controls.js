// @ts-check
// The switches of the network: what it does to this page, until it is restored.
import { byId, say } from '../../dashboard/page/elements.js'
import { ask } from './api.js'
import { button } from './controls.js'

/** @typedef {import('./traffic.js').Traffic} Traffic */
/** @typedef {import('../server/names.ts').Block} Block */

/**
 * @param {object} page
 * @param {string} page.tab
 * @param {Traffic} page.plain
 * @param {{ move(): void }} page.network
 * @param {(who: string, what: string) => void} page.tell
 */
export function networkControls({ tab, plain, network, tell }) {
  const report = byId('network-report', HTMLElement)
  /** @type {ReadonlySet<Block>} */
  let blocks = new Set()

  /** @param {ReadonlySet<Block>} wanted */
  const becomes = async wanted => {
    blocks = wanted
    for (const block of /** @type {const} */ (['websocket', 'buffer', 'sse'])) {
      byId(`block-${block}`, HTMLButtonElement).setAttribute('aria-pressed', String(wanted.has(block)))
    }
    const answer = await ask({ type: 'network', tab, blocks: [...wanted] })
    say(report, 'error' in answer ? answer.error : answer.says)
  }

  for (const block of /** @type {const} */ (['websocket', 'buffer', 'sse'])) {
    button(`block-${block}`, tell, () => {
      // A network with something in the way is another network than the one before.
      const more = !blocks.has(block)
      const rest = [...blocks].filter(each => each !== block)
      if (more) network.move()
      return becomes(new Set(more ? [...rest, block] : rest))
    })
  }
  // What gets through again nobody is told of: it is found when the countdown is over.
  button('restore', tell, () => becomes(new Set()))
  button('try-now', tell, () => {
    network.move()
    plain.socket.retryNow()
  })
}
