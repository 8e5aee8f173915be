/** What an app without topics sends and gets. */
import type { Parcel } from './delivery.ts'
import type { SessionHost } from './layer.ts'
import type { TopicEvent } from './stream.ts'

/** An event as a plain `message` event, with `waitUntil()`: the cursor moves when everything given to it has settled. */
export function plainly({ data, ...place }: TopicEvent, host: SessionHost): Promise<unknown> | undefined {
  const waits: unknown[] = []
  const waitUntil = (promise: unknown): void => {
    waits.push(promise)
  }
  host.message(data instanceof Uint8Array ? binary(data, host.binaryType) : textOf(data), { ...place, waitUntil })
  return waits.length ? Promise.all(waits) : undefined
}

/** Sends what was meant for the session to a server that does not speak its protocol. */
export function sendPlainly({ body }: Parcel, host: SessionHost): void {
  // What was a string is that string again.
  if (typeof body === 'string') host.plainly(textOf(JSON.parse(body)))
  else Promise.resolve(body).then(bytes => host.plainly(new Uint8Array(bytes)))
}

/** The text itself, or JSON: what `JSON.parse(event.data)` expects. */
function textOf(data: unknown): string {
  return typeof data === 'string' ? data : JSON.stringify(data ?? null)
}

function binary(bytes: Uint8Array, type: BinaryType): Blob | ArrayBuffer {
  const copy = bytes.slice()
  return type === 'blob' ? new Blob([copy]) : copy.buffer
}
