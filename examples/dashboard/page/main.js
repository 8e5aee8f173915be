// @ts-check
// Puts the page together: one socket, and six views of it.
import { ping, ResilientWebSocket, subprotocol } from 'holdfast'
import { log } from 'holdfast/observe'
import { account } from './account.js'
import { accountView, needsSignIn } from './account-view.js'
import { controls } from './controls.js'
import { byId, say } from './elements.js'
import { readFrame } from './frames.js'
import { logView } from './log-view.js'
import { marketView } from './market-view.js'
import { policyView } from './policy-view.js'
import { showStatus } from './status-view.js'
import { tally } from './tally.js'

const { feedPort, standing, accounts } = await (await fetch('/api/demo')).json()

const lines = logView()
const market = marketView()
const counts = tally()

const policy = policyView()
const me = account({
  names: accounts,
  tell: what => lines.write(`${new Date().toISOString().slice(11, 19)}Z page: fetched ${what}`, 'page'),
})

// This is all it takes: the rest of the page only looks at it, and presses its buttons.
const socket = new ResilientWebSocket(`ws://${location.hostname}:${feedPort}/feed`, [], {
  auth: { provider: me.provider, carry: subprotocol('feed.v1') },
  closePolicy: policy.decide,
  heartbeat: ping({ message: '{"type":"ping"}', pong: '{"type":"pong"}' }),
  watch: log({ write: line => lines.write(line) }),
})
socket.on('transition', policy.saw)
socket.on('problem', ({ message }) => lines.write(message, 'page'))

const signIn = accountView({ socket, me, write: line => lines.write(line, 'you') })

socket.addEventListener('message', ({ data }) => {
  const frame = readFrame(data)
  if (frame === null) return
  if (frame.type === 'welcome' || frame.type === 'placed') signIn.serves(frame.account, frame.orders)
  if (frame.type === 'placed') return
  const missed = frame.type === 'welcome' ? counts.joins(frame.seq) : counts.hears(frame.seq)
  if (missed > 0) market.gap(missed)
  if (frame.type === 'welcome') market.list(frame.instruments)
  if (frame.type === 'price') market.price(frame)
  if (frame.type === 'order') market.order(frame)
  showCounts()
})

const whole = new Intl.NumberFormat('en')

function showCounts() {
  for (const name of /** @type {const} */ (['received', 'missed', 'doubled'])) {
    say(byId(name, HTMLElement), whole.format(counts[name]))
  }
  byId('missed-box', HTMLElement).classList.toggle('some', counts.missed > 0)
  byId('doubled-box', HTMLElement).classList.toggle('some', counts.doubled > 0)
}

showStatus(socket, {
  stale: market.stale,
  signsIn: () => needsSignIn(me, socket),
  signIn: signIn.signIn,
})
controls({ write: line => lines.write(line, 'you'), standing })
