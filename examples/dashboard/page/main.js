// @ts-check
// Puts the page together: one socket, and four views of it.
import { ResilientWebSocket } from 'holdfast'
import { log } from 'holdfast/observe'
import { controls } from './controls.js'
import { byId, say } from './elements.js'
import { readFrame } from './frames.js'
import { logView } from './log-view.js'
import { marketView } from './market-view.js'
import { showStatus } from './status-view.js'
import { tally } from './tally.js'

const { feedPort, standing } = await (await fetch('/api/demo')).json()

const lines = logView()
const market = marketView()
const counts = tally()

// This is all it takes: the rest of the page only looks at it.
const socket = new ResilientWebSocket(`ws://${location.hostname}:${feedPort}/feed`, [], {
  watch: log({ write: line => lines.write(line) }),
})

socket.addEventListener('message', ({ data }) => {
  const frame = readFrame(data)
  if (frame === null) return
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

showStatus(socket, market.stale)
controls({ write: line => lines.write(line, 'you'), standing })
