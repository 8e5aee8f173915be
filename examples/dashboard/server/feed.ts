// The WebSocket server of the demo: tells every client the events of the market, and misbehaves when asked to.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import type { MarketEvent, Welcome } from './market.ts'
import type { Account, Admission, Refusal } from './tokens.ts'

export interface Feed {
  readonly port: number
  readonly clients: number
  publish(event: MarketEvent): void
  /** Ends every connection with a close frame. */
  closeClients(code: number, reason: string): void
  /** Ends every connection of an account with 4401. */
  endAccount(account: Account, reason: string): void
  /** Ends every connection without a close frame. */
  dropClients(): void
  /** Answers upgrades with this HTTP status instead; `null` accepts them again. */
  refuseUpgrades(status: number | null): void
  /** Accepts every connection and ends it at once with this close code; `null` stops that. */
  closeAtOnce(code: number | null): void
  /** Stops as a server that is being deployed: connections are closed with 1012, and nothing listens any more. */
  stop(): Promise<void>
  /** Listens again on the same port. */
  start(): Promise<void>
}

/** A client this far behind will not catch up: ending it bounds the memory. It comes back and starts afresh. */
const maxBacklogBytes = 1024 * 1024
/** How long a stopping server waits for close handshakes. */
const closeGraceMs = 500
/** The subprotocol that is selected. Whatever is selected is echoed, so it must not be the one that holds the token. */
const companion = 'feed.v1'
const bearer = 'bearer.'
/** Says that the credential is to blame. A browser is told nothing of an upgrade that was refused with HTTP 401. */
const unauthorized = 4401

/** A browser cannot send the ping frames of the protocol, so a page that wants to know whether anybody is there asks like this. */
const ping = JSON.stringify({ type: 'ping' })
const pong = JSON.stringify({ type: 'pong' })

export interface FeedOptions {
  readonly port: number
  readonly welcome: () => Welcome
  readonly admit: (token: string | null) => Admission | Refusal
}

export async function feed(options: FeedOptions): Promise<Feed> {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 1024,
    clientTracking: true,
    handleProtocols: offered => (offered.has(companion) ? companion : false),
  })
  const accountOf = new Map<WebSocket, Account>()
  const orders = new Map<Account, number>()
  let refusal: number | null = null
  let closing: number | null = null
  let server: Server | null = null
  let port = options.port

  const placed = (account: Account): number => orders.get(account) ?? 0

  const serve = (socket: WebSocket, { account, expiresAt }: Admission): void => {
    accountOf.set(socket, account)
    // Admitted once is not admitted for ever.
    const expiry = setTimeout(() => socket.close(unauthorized, 'token expired'), expiresAt - Date.now())
    socket.on('close', () => {
      clearTimeout(expiry)
      accountOf.delete(socket)
    })
    socket.on('message', message => {
      if (socket.readyState !== WebSocket.OPEN) return
      const said = String(message)
      if (said === ping) socket.send(pong)
      if (said !== 'order') return
      orders.set(account, placed(account) + 1)
      socket.send(JSON.stringify({ type: 'placed', account, orders: placed(account) }))
    })
    socket.send(JSON.stringify({ ...options.welcome(), account, orders: placed(account) }))
  }

  sockets.on('connection', (socket: WebSocket, request: IncomingMessage) => {
    // A broken connection is the point of this demo; `close` follows and is all that matters.
    socket.on('error', () => {})
    const verdict = options.admit(tokenOf(request))
    if (closing !== null) socket.close(closing, 'accepted, then closed')
    else if ('refusal' in verdict) socket.close(unauthorized, verdict.refusal)
    else serve(socket, verdict)
  })

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => {})
    if (refusal !== null) socket.end(httpRefusal(refusal))
    else sockets.handleUpgrade(request, socket, head, client => sockets.emit('connection', client, request))
  }

  const start = async (): Promise<void> => {
    const http = createServer((_, response) => response.writeHead(426).end('This port speaks WebSocket.\n'))
    http.on('upgrade', upgrade)
    http.listen({ port, host: '127.0.0.1' })
    await once(http, 'listening')
    const address = http.address()
    if (address !== null && typeof address !== 'string') port = address.port
    server = http
  }

  const dropClients = (): void => {
    for (const socket of sockets.clients) socket.terminate()
  }

  const closeClients = (code: number, reason: string): void => {
    for (const socket of sockets.clients) socket.close(code, reason)
  }

  await start()

  return {
    get port() {
      return port
    },
    get clients() {
      return sockets.clients.size
    },
    publish(event) {
      // Serialized once, not once per client.
      const frame = JSON.stringify(event)
      for (const socket of accountOf.keys()) {
        if (socket.readyState !== WebSocket.OPEN) continue
        if (socket.bufferedAmount > maxBacklogBytes) socket.terminate()
        else socket.send(frame)
      }
    },
    closeClients,
    endAccount(account, reason) {
      for (const [socket, whose] of accountOf) if (whose === account) socket.close(unauthorized, reason)
    },
    dropClients,
    refuseUpgrades(status) {
      refusal = status
    },
    closeAtOnce(code) {
      closing = code
    },
    start,
    async stop() {
      const stopping = server
      server = null
      if (stopping === null) return
      const stopped = once(stopping, 'close')
      stopping.close()
      stopping.closeAllConnections()
      closeClients(1012, 'restarting')
      const grace = setTimeout(dropClients, closeGraceMs)
      await stopped
      clearTimeout(grace)
    },
  }
}

/** The token among the subprotocols that were asked for. It goes nowhere but into the check. */
function tokenOf({ headers }: IncomingMessage): string | null {
  const asked = headers['sec-websocket-protocol']?.split(',').map(each => each.trim()) ?? []
  const carried = asked.find(each => each.startsWith(bearer))
  return carried === undefined ? null : Buffer.from(carried.slice(bearer.length), 'base64url').toString()
}

function httpRefusal(status: number): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
}
