import { ResilientWebSocket } from '../../../src/index.ts'
import type { Implementation, WebSocketClass } from '../implementation.ts'

const BARE = { reconnect: false, outbox: false } as const
const Ours = ResilientWebSocket as unknown as WebSocketClass

export const oursBare: Implementation = {
  name: 'ours without reconnect and outbox',
  Class: Ours,
  construct(args, Class = Ours) {
    const [url, protocols] = args
    // Without a url there is nothing to append the options to.
    return Reflect.construct(Class, args.length === 0 ? [] : [url, protocols, BARE])
  },
}
