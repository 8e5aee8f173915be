// What runs in the page: the lives, when the test asks for some, and what they must not leave behind.
import { Engine } from '../../src/client/engine.ts'
import { ResilientWebSocket } from '../../src/index.ts'
import { Connections } from '../../src/runtime/connections.ts'
import { Driver } from '../../src/runtime/driver.ts'
import { Link } from '../../src/runtime/link.ts'
import { type Plan, trial } from './trial.ts'

/** Of the socket that an app is given, and of what stands behind it. */
const prototypes = [ResilientWebSocket, Engine, Driver, Connections, Link].map(each => each.prototype)

Object.assign(globalThis, {
  prototypes,
  begin(plan: Plan) {
    Object.assign(globalThis, { trial: trial(WebSocket, plan) })
  },
})
