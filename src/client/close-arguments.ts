import type { Carrier } from '../transports/transport.ts'
import { NATIVE } from '../transports/websocket.ts'
import { utf8Bytes } from './messages.ts'

/** The arguments of `close()`, checked before anything changes. A field is left out where none was given: then none is sent. */
export interface CloseArguments {
  readonly code?: number
  readonly reason?: string
}

/** A close frame has room for 125 bytes, and two of them are the code [RFC 6455 §5.5]. */
const MAX_REASON_BYTES = 123

/** `[Clamp] unsigned short` [WebIDL §3.3.1]: into range, halves to the even neighbour, NaN to 0. */
function clamp(value: number): number {
  const inRange = Math.min(Math.max(value, 0), 65_535)
  const rounded = Math.round(inRange)
  return (inRange % 1 === 0.5 && rounded % 2 ? rounded - 1 : rounded) || 0
}

/**
 * [WHATWG WebSockets §3, close(code, reason)]. Engines differ in what they make of a fraction, or of a reason without a
 * code, so the platform's own socket is asked where there is one: it throws, or begins to close.
 *
 * @throws DOMException InvalidAccessError for a code that is neither 1000 nor 3000-4999; SyntaxError for a reason over
 * 123 bytes of UTF-8, which is what fits into a close frame [RFC 6455 §5.5].
 */
export function closeArguments(
  [code, reason]: readonly [code?: number, reason?: string],
  carrier: Carrier | undefined,
): CloseArguments {
  // Converted once, as conversions can be watched.
  const given: CloseArguments = {
    ...(code !== undefined && { code: +code }),
    ...(reason !== undefined && { reason: `${reason}` }),
  }
  if (NATIVE && carrier instanceof NATIVE) {
    carrier.close(given.code, given.reason)
    return given
  }
  const clamped = given.code === undefined ? 1000 : clamp(given.code)
  if (clamped !== 1000 && !(clamped >= 3000 && clamped <= 4999)) {
    throw new DOMException(`The close code must be 1000 or 3000-4999, got ${clamped}.`, 'InvalidAccessError')
  }
  const bytes = utf8Bytes(given.reason ?? '')
  if (bytes > MAX_REASON_BYTES) {
    throw new DOMException(`The close reason must be at most ${MAX_REASON_BYTES} bytes, got ${bytes}.`, 'SyntaxError')
  }
  return given.code === undefined ? given : { ...given, code: clamped }
}
