// @ts-check
// The network that the page is in, as far as a page can be told: `navigator.connection`. Here it is one of the demo's
// own, so that a button can be a move to another network. The library looks at it as at any other.
//
// Why a move at all: where a WebSocket got through, it is given up only after five failures over a minute, because a
// deploy looks the same. On another network nothing is known, and one failure is enough.

const memory = 'holdfast:ways:'

export function network() {
  let moves = 1
  const connection = Object.assign(new EventTarget(), { type: 'network 1' })
  Object.defineProperty(navigator, 'connection', { configurable: true, value: connection })
  // What was learned in these networks when the page was open before is of no use: they are others now.
  for (const key of Object.keys(localStorage)) if (key.startsWith(memory)) localStorage.removeItem(key)

  return {
    /** Into a network that nobody knows. Where the browser tells of that (Chromium on Android), it does so now. */
    move() {
      moves += 1
      connection.type = `network ${moves}`
      connection.dispatchEvent(new Event('change'))
    },
  }
}
