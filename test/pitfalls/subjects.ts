import type { Subject } from './subject.ts'
import { holdfast } from './subjects/holdfast.ts'
import * as naive from './subjects/naive.ts'
import * as protocolClients from './subjects/protocol-clients.ts'
import * as classes from './subjects/reconnecting-classes.ts'
import { websocketTs } from './subjects/websocket-ts.ts'

export { holdfast }

/** Everybody else, by name. */
export const others: ReadonlyMap<string, Subject> = new Map(
  [websocketTs, ...Object.values(classes), ...Object.values(protocolClients), ...Object.values(naive)].map(subject => [
    subject.name,
    subject,
  ]),
)
