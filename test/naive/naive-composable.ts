const RETRY_MS = 1_000
const PING_EVERY_MS = 15_000
const PONG_WITHIN_MS = 5_000

export interface NaiveComposable {
  readonly status: () => 'CONNECTING' | 'OPEN' | 'CLOSED'
  send(data: string): void
  close(): void
}

/**
 * A socket for the components of a page, with all that it knows in one closure: reconnecting, a heartbeat, a queue for each
 * connection, and a close when the page is left.
 */
export function naiveSocket(address: string): NaiveComposable {
  let socket: WebSocket | undefined
  let closedByUser = false
  let sendOrQueue: (data: string) => void = () => {}

  function open(): void {
    if (closedByUser) return
    const queue: string[] = []
    const own = new WebSocket(address)
    let pingTimer: ReturnType<typeof setTimeout> | undefined
    let pongTimer: ReturnType<typeof setTimeout> | undefined
    socket = own
    sendOrQueue = data => {
      if (own.readyState === WebSocket.OPEN) own.send(data)
      else queue.push(data)
    }

    function beat(): void {
      pingTimer = setTimeout(() => {
        own.send('ping')
        pongTimer = setTimeout(() => {
          // Its `close` event brings the next one.
          own.close()
          socket = undefined
        }, PONG_WITHIN_MS)
      }, PING_EVERY_MS)
    }

    own.onopen = () => {
      for (const data of queue.splice(0)) own.send(data)
      beat()
    }
    own.onmessage = () => {
      clearTimeout(pingTimer)
      clearTimeout(pongTimer)
      beat()
    }
    own.onclose = () => {
      clearTimeout(pingTimer)
      clearTimeout(pongTimer)
      if (!closedByUser) setTimeout(open, RETRY_MS)
    }
  }

  function close(): void {
    if (!socket) return
    closedByUser = true
    socket.close()
    socket = undefined
  }

  window.addEventListener('beforeunload', close)
  open()
  return {
    status() {
      if (socket?.readyState === WebSocket.OPEN) return 'OPEN'
      return closedByUser ? 'CLOSED' : 'CONNECTING'
    },
    send: data => sendOrQueue(data),
    close,
  }
}
