// @ts-check
// Breaks the line for real: each control is one request to the demo's control API.
import { byId, element, say } from './elements.js'

/** @typedef {{ type: string, says: string, at: 'proxy' | 'server', until: number | null }} Report */

const refreshMs = 200

/**
 * @param {object} options
 * @param {(line: string) => void} options.write
 * @param {Report | null} options.standing the fault that stands when the page is opened
 */
export function controls({ write, standing }) {
  const form = byId('breakages', HTMLFormElement)
  const report = byId('report', HTMLElement)
  const code = byId('code', HTMLSelectElement)
  const reason = byId('reason', HTMLInputElement)
  const ends = { proxy: byId('wire-proxy', HTMLElement), server: byId('wire-server', HTMLElement) }

  const seconds = () => Number(new FormData(form).get('seconds'))

  const showStanding = () => {
    const left = standing?.until == null ? 0 : standing.until - Date.now()
    if (standing !== null && left <= 0) {
      standing = null
      say(report, 'The line is whole again.')
    }
    for (const [at, node] of Object.entries(ends)) {
      const here = standing?.at === at
      node.classList.toggle('broken', here)
      const note = node.querySelector('small')
      if (note !== null) say(note, here ? `mends in ${Math.ceil(left / 1000)} s` : '')
    }
  }

  /**
   * @param {string} name
   * @param {Record<string, unknown>} breakage
   */
  const send = async (name, breakage) => {
    // Written before it is done, so that it stands below the lines that it causes.
    write(`${new Date().toISOString().slice(11, 19)}Z you: ${name}`)
    const answer = await post(breakage)
    if ('error' in answer) {
      say(report, answer.error)
      return
    }
    if (answer.until !== null) standing = answer
    if (answer.type === 'heal') standing = null
    say(report, answer.says)
    showStanding()
  }

  for (const button of form.querySelectorAll('button')) {
    const { type, status, direction, lasts } = button.dataset
    if (type === undefined) continue
    const name = (button.querySelector('b') ?? button).textContent ?? type
    button.addEventListener('click', () => {
      const breakage = { type, ...(status && { status: Number(status) }), ...(direction && { direction }) }
      if (lasts === undefined) send(name, breakage)
      else send(`${name}, ${seconds()} s`, { ...breakage, seconds: seconds() })
    })
    if (lasts !== undefined) button.append(element('span', 'lasts'))
  }
  form.addEventListener('submit', event => {
    event.preventDefault()
    send(`Close with ${code.value}`, { type: 'close', code: Number(code.value), reason: reason.value })
  })
  const showSeconds = () => {
    for (const chip of form.querySelectorAll('.lasts')) say(chip, `${seconds()} s`)
  }
  form.addEventListener('change', showSeconds)
  showSeconds()
  if (standing !== null) say(report, standing.says)
  showStanding()
  setInterval(showStanding, refreshMs)
}

/**
 * @param {Record<string, unknown>} breakage
 * @returns {Promise<Report | { error: string }>}
 */
async function post(breakage) {
  try {
    const response = await fetch('/api/breakages', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(breakage),
    })
    return await response.json()
  } catch {
    return { error: 'The demo does not answer. Is it still running?' }
  }
}
