// The module under test: live prices, as an app would write it. Nothing in here knows that it is tested.
import { type AuthProvider, firstMessage, ResilientWebSocket } from 'holdfast'
import { describe } from 'holdfast/observe'

export interface PriceClient {
  /** The last price of each symbol. */
  readonly prices: ReadonlyMap<string, number>
  /** What the page says above the prices. */
  readonly banner: string
  close(): void
}

/** Follows the prices at `url`, with tokens from `signIn`, and gives up when eight more dials in a row have brought no connection that lasts. */
export function priceClient(url: string, signIn: AuthProvider): PriceClient {
  const prices = new Map<string, number>()
  const socket = new ResilientWebSocket(url, [], {
    auth: { provider: signIn, carry: firstMessage(token => JSON.stringify({ type: 'auth', token })) },
    // The server says 1000 when the market has closed. The check of the origin matters: see README.md.
    closePolicy: ({ origin, code }) => (origin === 'server' && code === 1000 ? 'stop' : undefined),
    maxAttempts: 8,
  })
  socket.addEventListener('message', ({ data }) => {
    const [symbol = '', price = ''] = String(data).split(' ')
    if (Number.isFinite(Number(price))) prices.set(symbol, Number(price))
  })
  return {
    prices,
    get banner() {
      return describe(socket.status)
    },
    close: () => socket.close(),
  }
}
