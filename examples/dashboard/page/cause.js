// @ts-check
// Why a connection ended, for somebody who has never read an RFC.
import { meaningOf } from 'holdfast/observe'

/** @typedef {NonNullable<import('holdfast').Status['cause']>} Disconnect */

/**
 * @param {Disconnect} disconnect
 * @returns {string}
 */
export function causeInWords({ origin, code, reason, openMs, next }) {
  const after = openMs === null ? '' : ` after ${(openMs / 1000).toFixed(1)} s`
  switch (origin) {
    case 'server': {
      const meaning = meaningOf(code)
      const said = reason === '' ? '' : ` “${reason}”`
      return `the server closed it with ${code}${meaning ? ` (${meaning})` : ''}${said}${after}.`
    }
    case 'network':
      return `the connection broke without a word from the server (1006)${after}.`
    case 'dial-failed':
      return 'the server could not be reached, or refused.'
    case 'dial-timeout':
      return 'the server did not answer in time.'
    case 'heartbeat':
      return `nothing was heard any more, so it was given up${after}.`
    case 'provider':
      return 'no token could be fetched.'
    case 'client':
      if (next.type === 'stop' && next.by === 'signed-out') return `you logged out${after}.`
      if (next.type === 'retry' && next.by === 'rotation') return `replaced, to use a fresh token${after}.`
      return `closed from this page${after}.`
    default:
      return `${origin} (${code})${after}.`
  }
}
