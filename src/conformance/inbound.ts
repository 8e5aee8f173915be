import { decodeBinary } from '../session/frames.ts'

/** What a message of the server says: the parsed frame, with the bytes behind it; text that is none as it is. */
export function inboundOf(data: unknown): unknown {
  if (typeof data === 'string') {
    try {
      return JSON.parse(data)
    } catch {
      return data
    }
  }
  if (!(data instanceof ArrayBuffer)) return 'a message that is neither text nor binary'
  try {
    const [header, bytes] = decodeBinary(data)
    return typeof header === 'object' && header !== null ? { ...header, bytes } : header
  } catch {
    return `a binary message of ${data.byteLength} bytes without a header`
  }
}
