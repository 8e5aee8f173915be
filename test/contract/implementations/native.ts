import type { Implementation } from '../implementation.ts'

export const native: Implementation = {
  name: 'native',
  Class: WebSocket,
  construct: (args, Class = WebSocket) => Reflect.construct(Class, args),
}
