import { ResilientWebSocket } from '../../../src/index.ts'
import type { Implementation, WebSocketClass } from '../implementation.ts'

const BARE = { reconnect: false, outbox: false } as const

export const oursBare: Implementation = {
  name: 'ours without reconnect and outbox',
  Class: ResilientWebSocket as unknown as WebSocketClass,
  construct(args, newTarget = ResilientWebSocket as unknown as WebSocketClass) {
    const [url, protocols] = args
    // Without a url there is nothing to append the options to.
    return Reflect.construct(ResilientWebSocket, args.length === 0 ? [] : [url, protocols, BARE], newTarget)
  },
}
