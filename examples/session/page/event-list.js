// @ts-check
// What happened, newest first: who, and what.
import { byId, element } from '../../dashboard/page/elements.js'

const maxLines = 120

/** @typedef {'you' | 'page' | 'session' | 'plain' | 'log' | 'node A' | 'node B'} Who */

export function eventList() {
  const list = byId('events', HTMLElement)
  /**
   * @param {string} who
   * @param {string} what
   */
  const add = (who, what) => {
    // The lines of the library begin with a time of their own.
    const text = /^(#\d+ \w+ )?\d\d:\d\d:\d\dZ /.test(what)
      ? what
      : `${new Date().toISOString().slice(11, 19)}Z ${what}`
    const item = element('li', '', element('b', 'who', who), ' ', element('span', '', text))
    item.dataset.who = who
    list.prepend(item)
    while (list.children.length > maxLines) list.lastElementChild?.remove()
  }
  return { add }
}
