// @ts-check
// One line for everything that happened, newest first, and never more than fit a page's memory.
import { byId, element } from './elements.js'

const maxLines = 200

export function logView() {
  const list = byId('log', HTMLElement)
  /**
   * @param {string} line
   * @param {'library' | 'page' | 'you'} who
   */
  const write = (line, who = 'library') => {
    list.prepend(element('li', who, line))
    while (list.children.length > maxLines) list.lastElementChild?.remove()
  }
  return { write }
}
