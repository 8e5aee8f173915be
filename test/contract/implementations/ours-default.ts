import { ResilientWebSocket } from '../../../src/index.ts'
import type { Implementation, WebSocketClass } from '../implementation.ts'

export const oursDefault: Implementation = {
  name: 'ours with defaults',
  Class: ResilientWebSocket as unknown as WebSocketClass,
  construct: (args, newTarget = ResilientWebSocket as unknown as WebSocketClass) =>
    Reflect.construct(ResilientWebSocket, args, newTarget),
}
