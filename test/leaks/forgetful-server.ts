import {
  type Behaviour,
  type ScriptedConnection,
  type ScriptedServer,
  scriptedServer,
  type VirtualClock,
} from '../../src/testing/index.ts'

/** A scripted server keeps all its connections, for tests to look at. This is a new one for every dial. */
export interface ForgetfulServer {
  readonly WebSocket: ScriptedServer['WebSocket']
  /** The connection of the last dial. */
  readonly latest: ScriptedConnection
}

/** `behaviour` says what is done with a dial, the first of which has number 1; `made` sees the sockets. */
export function forgetfulServer(
  clock: VirtualClock,
  behaviour: (dial: number) => Behaviour,
  made: (native: WebSocket) => void = () => {},
): ForgetfulServer {
  let server = scriptedServer()
  let dials = 0
  return {
    WebSocket: new Proxy(server.WebSocket, {
      construct(_, args) {
        server = scriptedServer(behaviour(++dials), { clock })
        const native: WebSocket = Reflect.construct(server.WebSocket, args)
        made(native)
        return native
      },
    }),
    get latest() {
      return server.latest
    },
  }
}
