import type { IncomingMessage } from 'node:http'
import type { Clock } from './clock.ts'

/** Of a request, from its first line to its last byte. */
const BODY_MS = 30_000
/** A body that is too big is read and thrown away up to so many times the most: whoever still sends hears no answer. */
const WASTE = 4

/** The body of a request, or the status that says why not; `undefined` when whoever sent it is gone. */
export function bodyOf(request: IncomingMessage, most: number, clock: Clock): Promise<Buffer | 408 | 413 | undefined> {
  return new Promise(resolve => {
    let chunks: Buffer[] = []
    let bytes = 0
    const settle = (body: Buffer | 408 | 413 | undefined): void => {
      undo()
      chunks = []
      request.off('data', take)
      resolve(body)
    }
    const take = (chunk: Buffer): void => {
      bytes += chunk.length
      if (bytes <= most) chunks.push(chunk)
      else chunks = []
      if (bytes > WASTE * most) settle(413)
    }
    const undo = clock.schedule(clock.now() + BODY_MS, () => settle(408))
    request.on('data', take)
    request.on('end', () => settle(bytes > most ? 413 : Buffer.concat(chunks)))
    request.on('close', () => settle(undefined))
    request.on('error', () => settle(undefined))
    if (Number(request.headers['content-length']) > WASTE * most) settle(413)
  })
}
