import type { Implementation, WebSocketClass } from '../contract/implementation.ts'
import { NaiveWebSocket } from './naive-web-socket.ts'

const Naive = NaiveWebSocket as unknown as WebSocketClass

export const naive: Implementation = {
  name: 'naive',
  Class: Naive,
  // Much of it never comes.
  patienceMs: 300,
  construct: (args, Class = Naive) => Reflect.construct(Class, args),
}
