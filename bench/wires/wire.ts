/** Below every subject: a WebSocket class without a network, in place of the platform's, and its other end. */
export interface Wire {
  /** Brings one pass over the payloads to the socket that was made last. */
  deliver(): void
  /** Bytes that have left it. */
  sent(): number
}

export const WIRES = ['synthetic', 'ws', 'undici'] as const
export type WireName = (typeof WIRES)[number]

/** Nobody listens there, and it is not one of the ports that a browser and undici refuse. */
export const NOWHERE = 'ws://127.0.0.1:8080/'
