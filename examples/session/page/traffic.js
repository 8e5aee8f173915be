// @ts-check
// The two sockets and what runs over them. No elements here.
import { ping, ResilientWebSocket, websocket } from 'holdfast'
import { log } from 'holdfast/observe'
import { polling } from 'holdfast/polling'
import { session } from 'holdfast/session'
import { sse } from 'holdfast/sse'
import { snapshot } from './api.js'
import { tally } from './tally.js'

/** @typedef {import('./tally.js').Tally} Tally */
/** @typedef {import('holdfast/session').Gap} Gap */

/** Over HTTP every request may be answered by another node. */
export const anyNode = 'A, B in turn'

/**
 * @typedef {object} Traffic what one of the sockets has seen
 * @property {ResilientWebSocket} socket
 * @property {string | null} node where it is connected, as that node says
 * @property {number} sent
 * @property {number | null} acknowledged `null` where nobody acknowledges anything
 * @property {number | null} gaps times that the page was told of events that are lost for good; `null` where nobody tells
 * @property {Tally} down events of the server
 * @property {Tally} back messages of this page that came back
 * @property {() => void} send sends the next number
 */

/**
 * Numbers in what arrived, read with care.
 * @param {unknown} data
 * @returns {Record<string, unknown>}
 */
function fieldsOf(data) {
  return typeof data === 'object' && data !== null ? Object.fromEntries(Object.entries(data)) : {}
}

/**
 * @param {object} options
 * @param {string} options.tab
 * @param {import('./api.js').Snapshot} options.start
 * @param {import('holdfast').AuthProvider} options.provider
 * @param {(who: string, what: string) => void} options.tell
 * @param {(nodes: import('./api.js').Snapshot['nodes']) => void} options.fleet hears of the nodes
 * @returns {Traffic}
 */
export function sessionTraffic({ tab, start, provider, tell, fleet }) {
  const socket = new ResilientWebSocket(`/session/live?tab=${tab}`, [], {
    session: session({ topic: null }),
    transports: [websocket(), sse(), polling()],
    auth: provider,
    watch: log({ write: line => tell('session', line) }),
  })
  const mine = socket.topic(`tab.${tab}`)

  /** @type {Traffic & { node: string | null, acknowledged: number, gaps: number }} */
  const traffic = {
    socket,
    node: null,
    sent: 0,
    acknowledged: 0,
    gaps: 0,
    down: tally(start.tick),
    back: tally(start.mine),
    send() {
      traffic.sent += 1
      const n = traffic.sent
      const delivery = mine.send({ type: 'mine', n })
      delivery.delivered.then(
        () => {
          traffic.acknowledged += 1
        },
        () => tell('session', `message ${n} was not acknowledged: ${delivery.state}`),
      )
    },
  }

  /**
   * Events are lost for good: what they were about is fetched anew before anything later is handled.
   * @param {'ticks' | 'fleet' | 'mine'} log
   * @returns {(gap: Gap) => Promise<number>}
   */
  const fetchAnew = log => async gap => {
    traffic.gaps += 1
    const now = await snapshot(tab)
    const many = {
      ticks: () => traffic.down.covers(now.tick),
      mine: () => traffic.back.covers(now.mine),
      fleet: () => 0,
    }
    const missing = many[log]()
    fleet(now.nodes)
    const what = missing === 0 ? 'nothing was missing' : `${missing} never came`
    tell('log', `gap in the topic “${log}” (${gap.reason}): ${what}, the state was fetched anew`)
    const { epoch, seq } = now.cursors[log]
    return epoch === gap.epoch ? seq : gap.to
  }

  socket.topic('ticks').on(
    ({ data }) => {
      const { n } = fieldsOf(data)
      if (typeof n === 'number') traffic.down.hears(n)
    },
    { from: start.cursors.ticks, onGap: fetchAnew('ticks') },
  )
  mine.on(
    ({ data }) => {
      const { n } = fieldsOf(data)
      if (typeof n === 'number') traffic.back.hears(n)
    },
    { from: start.cursors.mine, onGap: fetchAnew('mine') },
  )
  socket.topic('fleet').on(
    ({ data }) => {
      const { who, says, nodes } = fieldsOf(data)
      tell(String(who), String(says))
      if (Array.isArray(nodes)) fleet(nodes)
    },
    { from: start.cursors.fleet, onGap: fetchAnew('fleet') },
  )

  /** Asks over the connection itself. One that was lost meanwhile answers for another one, and is asked again. */
  const whereAmI = async () => {
    traffic.node = socket.status.transport === 'websocket' ? null : anyNode
    if (traffic.node !== null) return
    const answer = fieldsOf(await socket.request({ type: 'where' }, { topic: 'fleet' }))
    if (answer.conn === socket.status.connectionId) traffic.node = String(answer.node)
  }
  const ask = () => void whereAmI().catch(() => {})
  socket.addEventListener('open', ask)
  socket.addEventListener('close', () => {
    traffic.node = null
  })
  socket.on('handover', ask)
  socket.on('problem', ({ message }) => tell('session', message))
  return traffic
}

/**
 * The same class without a session: it reconnects, and what was on its way is nobody's business.
 * @param {object} options
 * @param {string} options.tab
 * @param {(who: string, what: string) => void} options.tell
 * @returns {Traffic}
 */
export function plainTraffic({ tab, tell }) {
  const socket = new ResilientWebSocket(`/session/plain?tab=${tab}`, [], {
    heartbeat: ping({ message: '{"type":"ping"}', pong: '{"type":"pong"}' }),
    watch: log({ write: line => tell('plain', line) }),
  })
  /** @type {Traffic & { node: string | null }} */
  const traffic = {
    socket,
    node: null,
    sent: 0,
    acknowledged: null,
    gaps: null,
    down: tally(),
    back: tally(0),
    send() {
      traffic.sent += 1
      socket.send(JSON.stringify({ type: 'mine', n: traffic.sent }))
    },
  }
  socket.addEventListener('message', ({ data }) => {
    const { type, n, tick, node } = fieldsOf(parse(data))
    if (type === 'welcome' && typeof tick === 'number') {
      traffic.node = String(node)
      const missed = traffic.down.joins(tick)
      if (missed > 0) tell('plain', `${missed} events passed while it was away`)
    }
    if (type === 'tick' && typeof n === 'number') traffic.down.hears(n)
    if (type === 'mine' && typeof n === 'number') traffic.back.hears(n)
  })
  socket.addEventListener('close', () => {
    traffic.node = null
  })
  return traffic
}

/** @param {unknown} text @returns {unknown} */
function parse(text) {
  try {
    return typeof text === 'string' ? JSON.parse(text) : null
  } catch {
    return null
  }
}
