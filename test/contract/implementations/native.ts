import type { Implementation } from '../implementation.ts'

export const native: Implementation = {
  name: 'native',
  Class: WebSocket,
  construct: (args, newTarget = WebSocket) => Reflect.construct(WebSocket, args, newTarget),
}
