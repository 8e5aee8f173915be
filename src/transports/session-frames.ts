/** The frames of a session as they are over HTTP: text, with `b64` where a WebSocket has a binary frame. */
import { decodeBinary, encodeBinary } from '../session/frames.ts'
import type { Sendable } from './transport.ts'

/** A frame, whose fields nobody has looked at. */
export type Frame = Readonly<Record<string, unknown>>

/** Engines limit the arguments of one call, the strictest to 65,536. */
const SPREAD_BYTES = 0x2000

function isFrame(value: unknown): value is Frame {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A line, as a frame; `null` when it is none. */
export function frameOf(text: string): Frame | null {
  try {
    const parsed: unknown = JSON.parse(text)
    return isFrame(parsed) ? parsed : null
  } catch {
    return null
  }
}

/** What a session sends, as text. @throws TypeError when it is no frame */
export function outbound(data: Sendable): { readonly frame: Frame; readonly text: string } {
  if (typeof data === 'string') {
    const frame = frameOf(data)
    if (frame) return { frame, text: data }
  } else if ('buffer' in data || data instanceof ArrayBuffer) {
    const [header, bytes] = decodeBinary(copyOf(data))
    if (isFrame(header)) {
      const frame = { ...header, b64: toBase64(bytes) }
      return { frame, text: JSON.stringify(frame) }
    }
  }
  throw new TypeError('Over HTTP a session sends frames of its protocol, and nothing else.')
}

/** What a server says, as a session reads it. */
export function inbound(frame: Frame, text: string): string | ArrayBuffer {
  if (typeof frame.b64 !== 'string') return text
  const { b64, ...header } = frame
  try {
    return encodeBinary(header, fromBase64(frame.b64)).buffer
  } catch {
    // What is no base64 is no frame, and the session says so.
    return ''
  }
}

function copyOf(data: ArrayBufferView | ArrayBuffer): ArrayBuffer {
  const bytes = 'buffer' in data ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
  return new Uint8Array(bytes).buffer
}

function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += SPREAD_BYTES)
    text += String.fromCharCode(...bytes.subarray(at, at + SPREAD_BYTES))
  return btoa(text)
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), char => char.charCodeAt(0))
}
