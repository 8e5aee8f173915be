import { type ClientFrame, decodeBinary, ID_BYTES } from '../session/frames.ts'
import { anyFrame, CLIENT_TYPES, clientFrame, type Loose } from './schema.ts'

/** What a client sent, looked at. */
export type Read =
  /** `bytes`: the data of a binary message. */
  | { readonly type: 'frame'; readonly frame: Loose<ClientFrame>; readonly bytes?: Uint8Array }
  /** Of another version of the protocol: ignored. */
  | { readonly type: 'unknown' }
  /** No frame. Names the message or the topic that it was about, where that can be read. */
  | { readonly type: 'bad'; readonly why: string; readonly id?: string; readonly topic?: string }

function parsed(wire: Buffer, binary: boolean): readonly [frame: unknown, bytes?: Uint8Array] {
  if (!binary) return [JSON.parse(wire.toString())]
  return decodeBinary(new Uint8Array(wire).buffer)
}

/** Short enough to be sent back. */
function short(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= ID_BYTES ? value : undefined
}

/** Reads one frame. Throws nothing, whatever it is. */
export function readFrame(wire: Buffer, binary: boolean): Read {
  let frame: unknown
  let bytes: Uint8Array | undefined
  try {
    ;[frame, bytes] = parsed(wire, binary)
  } catch {
    return { type: 'bad', why: binary ? 'not a binary frame of holdfast.v1' : 'not JSON' }
  }
  const known = clientFrame.safeParse(frame)
  if (known.success) return { type: 'frame', frame: known.data, ...(bytes && { bytes }) }
  const any = anyFrame.safeParse(frame)
  if (!any.success) return { type: 'bad', why: 'not an object with `t`' }
  const { t } = any.data
  if (!CLIENT_TYPES.has(t)) return { type: 'unknown' }
  const id = short(any.data.id)
  const topic = short(any.data.topic)
  // The path names the field; what stood there is nobody's business.
  const field = known.error.issues[0]?.path.join('.') || 'frame'
  return {
    type: 'bad',
    why: `\`${field}\` of \`${t}\` is not as the protocol says`,
    ...(id !== undefined && { id }),
    ...(topic !== undefined && { topic }),
  }
}

/** Reads one line of a body. Bytes are base64 there, in the field `b64`. */
export function readLine(line: Buffer): Read {
  const read = readFrame(line, false)
  if (read.type !== 'frame' || read.frame.t !== 'msg' || !line.includes('"b64"')) return read
  const { b64 }: { readonly b64?: unknown } = JSON.parse(line.toString())
  if (b64 === undefined) return read
  const { id } = read.frame
  const bytes = typeof b64 === 'string' ? Buffer.from(b64, 'base64') : undefined
  // What is no base64 is skipped by Buffer: it comes out as something else.
  if (bytes?.toString('base64') !== b64) return { type: 'bad', why: '`b64` of `msg` is not base64', id }
  return { ...read, bytes: new Uint8Array(bytes) }
}
