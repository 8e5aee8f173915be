import { memoryLog, sessionServer } from '../../../src/server/index.ts'
import type { Serve } from '../serving.ts'

/** A benchmark sends faster than the 8,333 messages a second whose ids are remembered by default, and the 930 requests a second whose answers are. */
const ROOM = { maxKeys: 100_000_000, maxBytes: 8 * 1_024 ** 3 }

/** Stores messages, and answers requests with what they say. */
export const serve: Serve = http => {
  const live = sessionServer({
    server: http,
    log: memoryLog(ROOM),
    onRequest: ({ data }) => data,
  })
  return {
    publish(event) {
      void live.publish('news', event)
    },
  }
}
