// mock-socket's class, with the one thing set right that matters for reconnecting.
import { WebSocket as MockWebSocket } from 'mock-socket'

/** Reports a refused connect as browsers do: `error`, then `close` 1006, not clean. mock-socket says 1000, clean. */
export class BrowserLikeWebSocket extends MockWebSocket {
  // Not `#opened`: mock-socket calls `dispatchEvent` through a proxy, which has no private fields.
  private opened = false

  override dispatchEvent(event: Event): boolean {
    if (event.type === 'open') this.opened = true
    // An event of mock-socket is a plain object that may be written to.
    if (event.type === 'close' && !this.opened) Object.assign(event, { code: 1006, reason: '', wasClean: false })
    return super.dispatchEvent(event)
  }
}
