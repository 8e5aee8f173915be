import { NaiveWebSocket } from './naive-web-socket.ts'

const BASE_MS = 1_000
const CAP_MS = 30_000

/** The naive wrapper with the usual exponential backoff: doubled, with up to half of jitter, and capped. */
export class NaiveJitterWebSocket extends NaiveWebSocket {
  protected override delay(attempt: number): number {
    return Math.min(CAP_MS, BASE_MS * 2 ** attempt * (1 + Math.random() / 2))
  }
}
