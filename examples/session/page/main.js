// @ts-check
// Puts the page together: the same class twice, with a session and without, and what each of them sees.
import { account } from '../../dashboard/page/account.js'
import { randomTab, snapshot } from './api.js'
import { controls } from './controls.js'
import { countersView } from './counters-view.js'
import { eventList } from './event-list.js'
import { network } from './network.js'
import { networkControls } from './network-controls.js'
import { nodesView } from './nodes-view.js'
import { stateView } from './state-view.js'
import { plainTraffic, sessionTraffic } from './traffic.js'
import { waysView } from './ways-view.js'

const refreshMs = 200
const sendMs = 100
/** While so many wait, nothing is added: an outbox is bounded. */
const maxWaiting = 900

const tab = randomTab()
const start = await snapshot(tab)
const events = eventList()
const nodes = nodesView(start.nodes)
// Before the sockets: they look at it.
const around = network()

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

const views = [
  countersView(both),
  () => nodes.refresh(both),
  stateView({ ...both, tokens: () => tokens }),
  waysView(both),
]
const refresh = () => {
  for (const view of views) view()
}

setInterval(() => {
  for (const traffic of [session, plain]) if (traffic.socket.status.queued.messages <= maxWaiting) traffic.send()
}, sendMs)

controls({ tab, ...both, tell: events.add, fleet: nodes.set })
networkControls({ tab, plain, network: around, tell: events.add })
session.socket.on('status', refresh)
plain.socket.on('status', refresh)
setInterval(refresh, refreshMs)
refresh()
