import { type Heartbeat, ping } from 'holdfast'
import { WebsocketProvider } from 'y-websocket'
import { type Doc, encodeStateVector } from 'yjs'
import { type Lender, type LendOptions, lend } from './lend.ts'

const SYNC = 0
const STEP_1 = 0

/** "This is what I have": every server of this protocol answers it with what is missing. */
function syncStep1(doc: Doc): Uint8Array<ArrayBuffer> {
  const vector = encodeStateVector(doc)
  // A length is written in groups of seven bits, the lowest first.
  const length: number[] = []
  let rest = vector.length
  for (; rest > 127; rest >>>= 7) length.push((rest & 127) | 128)
  return Uint8Array.of(SYNC, STEP_1, ...length, rest, ...vector)
}

/** The protocol has no ping. The answer is for the document, so no message is taken for a pong. */
export function documentHeartbeat(doc: Doc): Heartbeat {
  return ping({ message: () => syncStep1(doc), pong: () => false })
}

export interface SharedDocument {
  readonly provider: WebsocketProvider
  readonly live: Lender
  close(): void
}

/** A shared document that Holdfast connects. */
export function sharedDocument(url: string, room: string, doc: Doc, options: LendOptions = {}): SharedDocument {
  const live = lend({ heartbeat: documentHeartbeat(doc), ...options })
  const provider = new WebsocketProvider(url, room, doc, {
    WebSocketPolyfill: live.WebSocket,
    // At once and for ever: when, and whether, is for Holdfast to say.
    maxBackoffTime: 0,
    shouldReconnect: () => true,
  })
  return {
    provider,
    live,
    close() {
      provider.destroy()
      // Where the provider was between two connections.
      live.socket.close()
    },
  }
}
