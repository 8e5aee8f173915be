import { ResilientWebSocket } from '../../../src/index.ts'
import type { Implementation, WebSocketClass } from '../implementation.ts'

const Ours = ResilientWebSocket as unknown as WebSocketClass

export const oursDefault: Implementation = {
  name: 'ours with defaults',
  Class: Ours,
  construct: (args, Class = Ours) => Reflect.construct(Class, args),
}
