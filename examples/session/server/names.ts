// What is called how, on both sides of the wire.

export const nodeNames = ['A', 'B'] as const
export type NodeName = (typeof nodeNames)[number]

/** `up` takes connections, `draining` sends its own away, `down` listens nowhere. */
export type NodeState = 'up' | 'draining' | 'down'

export const paths = { live: '/session/live', plain: '/session/plain' } as const

/** Where the session is served over HTTP. */
export const httpPaths: readonly string[] = ['stream', 'send', 'poll'].map(name => `${paths.live}/${name}`)

/** What the network of a page may do: refuse WebSockets, keep streams back until they end, refuse streams. */
export const blockNames = ['websocket', 'buffer', 'sse'] as const
export type Block = (typeof blockNames)[number]

export const topics = {
  /** Numbered events of the server. */
  ticks: 'ticks',
  /** What became of the nodes. */
  fleet: 'fleet',
  /** What one page sends, and gets back. */
  ofTab: (tab: string): string => `tab.${tab}`,
} as const

/** 128 random bits, so that no page guesses the topic of another one. */
export function isTab(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9a-f]{32}$/.test(text)
}

/** The tab that a topic belongs to; `null` for a topic that is no tab's. */
export function tabOf(topic: string): string | null {
  const tab = topic.startsWith('tab.') ? topic.slice(4) : null
  return isTab(tab) ? tab : null
}
