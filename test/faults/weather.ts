// What can happen to bytes that travel in one direction, as plain values, and how late it makes a chunk.

export interface Weather {
  /** `pass` hands bytes on, `stall` leaves them unread in the kernel, `blackhole` reads them and throws them away. */
  readonly mode: 'pass' | 'stall' | 'blackhole'
  /** How long each chunk is held back, in milliseconds. */
  readonly delayMs: number
  /** Each chunk is held back by up to so much more, drawn anew for every chunk. */
  readonly jitterMs: number
  /** Chance that a transmission of a chunk is lost, from 0 to below 1. */
  readonly lossRate: number
  /** Of the draws for jitter and loss. Another seed begins them anew. */
  readonly seed: number
  /** What the line carries; `Infinity` where it sets no pace. */
  readonly bytesPerSecond: number
}

export const fairWeather: Weather = {
  mode: 'pass',
  delayMs: 0,
  jitterMs: 0,
  lossRate: 0,
  seed: 1,
  bytesPerSecond: Infinity,
}

/** TCP_RTO_MIN of Linux. RFC 6298 §2.4 asks for 1 s; what servers and phones run waits 200 ms. */
const retransmissionTimeoutMs = 200
/** TCP_RTO_MAX of Linux [RFC 6298 §2.5 allows a cap of 60 s or more]. */
const longestTimeoutMs = 120_000
/** `tcp_retries2` of Linux: after so many a real connection is given up, and here the chunk gets through. */
const mostRetransmissions = 15

/**
 * How much later a chunk arrives because transmissions of it were lost: 0, 200, 600, 1400 … ms.
 *
 * TCP repairs a loss, so a lossy link shows up as time. A sender that hears no acknowledgement sends again after its
 * retransmission timeout [RFC 6298 §5.4] and doubles that timeout every time [§5.5]; what was sent after the lost bytes
 * has arrived and waits for them, because a stream has an order. Each chunk is taken for one segment whose loss no
 * duplicate acknowledgement betrays: right for the thin traffic of a WebSocket, too dark for a bulk transfer, where
 * fast retransmit repairs most losses within a round trip.
 */
export function retransmission(lossRate: number, chance: () => number): number {
  let lateMs = 0
  let timeoutMs = retransmissionTimeoutMs
  for (let sent = 0; sent < mostRetransmissions && chance() < lossRate; sent += 1) {
    lateMs += timeoutMs
    timeoutMs = Math.min(2 * timeoutMs, longestTimeoutMs)
  }
  return lateMs
}

/** How long a chunk is on its way, the pace of the line aside. Draws only where the weather leaves something to chance. */
export function lateness({ delayMs, jitterMs, lossRate }: Weather, chance: () => number): number {
  const jitter = jitterMs > 0 ? jitterMs * chance() : 0
  return delayMs + jitter + (lossRate > 0 ? retransmission(lossRate, chance) : 0)
}
