// Frames as no library writes them: every bit is the test's.

/** A frame and what is wrong with it [RFC 6455 §5.2]. */
export interface Frame {
  readonly opcode: number
  readonly payload?: Buffer
  /** @defaultValue true */
  readonly fin?: boolean
  /** RSV1 to RSV3 as three bits. @defaultValue 0 */
  readonly rsv?: number
  /** As clients do it, and servers must not. @defaultValue false */
  readonly masked?: boolean
  /** What the header says the length is. @defaultValue that of the payload */
  readonly length?: bigint
}

export const TEXT = 0x1
export const BINARY = 0x2
export const CONTINUATION = 0x0
export const CLOSE = 0x8
export const PING = 0x9

const NOTHING = Buffer.alloc(0)
const MASK = Buffer.from('a1b2c3d4', 'hex')

function lengthOf(length: bigint): readonly [seven: number, more: Buffer] {
  if (length < 126n) return [Number(length), NOTHING]
  const more = Buffer.alloc(length < 65_536n ? 2 : 8)
  if (more.length === 2) more.writeUInt16BE(Number(length))
  else more.writeBigUInt64BE(length)
  return [more.length === 2 ? 126 : 127, more]
}

export function frame({ opcode, payload = NOTHING, fin = true, rsv = 0, masked = false, length }: Frame): Buffer {
  const [seven, more] = lengthOf(length ?? BigInt(payload.length))
  const head = Buffer.from([(fin ? 0x80 : 0) | (rsv << 4) | opcode, (masked ? 0x80 : 0) | seven])
  if (!masked) return Buffer.concat([head, more, payload])
  return Buffer.concat([head, more, MASK, payload.map((byte, index) => byte ^ (MASK[index % 4] ?? 0))])
}

export function text(content: string | Buffer, more: Partial<Frame> = {}): Buffer {
  return frame({ opcode: TEXT, payload: Buffer.from(content), ...more })
}

/** A close frame with any code and any bytes for a reason. */
export function close(code: number, reason: string | Buffer = NOTHING): Buffer {
  const payload = Buffer.concat([Buffer.alloc(2), Buffer.from(reason)])
  payload.writeUInt16BE(code)
  return frame({ opcode: CLOSE, payload })
}
