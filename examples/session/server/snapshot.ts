// What the page is told by HTTP, as plain values. The page checks itself against these types.
import type { NodeName, NodeState } from './names.ts'

export interface NodeView {
  readonly name: NodeName
  readonly state: NodeState
}

/** The state of the app, and the position of each log that it includes: events after these make it newer. */
export interface Snapshot {
  readonly nodes: readonly NodeView[]
  /** Number of the newest event. */
  readonly tick: number
  /** Number of the newest message that this page is known to have sent. */
  readonly mine: number
  readonly cursors: Readonly<Record<'ticks' | 'fleet' | 'mine', { readonly epoch: string; readonly seq: number }>>
}

/** What was done. */
export interface Report {
  readonly says: string
  readonly nodes: readonly NodeView[]
}
