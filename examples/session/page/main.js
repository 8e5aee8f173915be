// @ts-check
// Puts the page together: the same class twice, with a session and without, and what each of them sees.
import { account } from '../../dashboard/page/account.js'
import { randomTab, snapshot } from './api.js'
import { controls } from './controls.js'
import { countersView } from './counters-view.js'
import { eventList } from './event-list.js'
import { nodesView } from './nodes-view.js'
import { stateView } from './state-view.js'
import { plainTraffic, sessionTraffic } from './traffic.js'

const refreshMs = 200
const sendMs = 100
/** While so many wait, nothing is added: an outbox is bounded. */
const maxWaiting = 900

const tab = randomTab()
const start = await snapshot(tab)
const events = eventList()
const nodes = nodesView(start.nodes)

let tokens = 0
const me = account({
  names: ['Ada', 'Grace'],
  tell(what) {
    tokens += 1
    events.add('page', `fetched ${what}`)
  },
})

const session = sessionTraffic({ tab, start, provider: me.provider, tell: events.add, fleet: nodes.set })
const plain = plainTraffic({ tab, tell: events.add })
const both = { session, plain }

const views = [countersView(both), () => nodes.refresh(both), stateView({ ...both, tokens: () => tokens })]
const refresh = () => {
  for (const view of views) view()
}

let n = 0
setInterval(() => {
  const waiting = [session, plain].map(({ socket }) => socket.status.queued.messages)
  if (Math.max(...waiting) > maxWaiting) return
  n += 1
  session.send(n)
  plain.send(n)
}, sendMs)

controls({ tab, ...both, tell: events.add, fleet: nodes.set })
session.socket.on('status', refresh)
plain.socket.on('status', refresh)
setInterval(refresh, refreshMs)
refresh()
