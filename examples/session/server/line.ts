// What carries bytes between a page and a node, late, as a network does, and can be broken on purpose.
import { request as ask, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

export interface Line {
  readonly tab: string
  readonly kind: LineKind
  /** From now on nothing passes, and nobody is told. */
  silence(): void
  /** Ends it with a RST to both sides. */
  reset(): void
}

/** A stream is the one answer that a proxy may keep back. */
export type LineKind = 'websocket' | 'stream' | 'request'

export interface LineOptions {
  readonly tab: string
  readonly kind: LineKind
  /** How long every byte takes, each way. */
  readonly delayMs: number
  /** The line is no more. */
  readonly over: (line: Line) => void
}

/** A silent line is cleared away then: long after both ends should have noticed. */
const silentMs = 30_000
/** Held back for one side; beyond that the line is cut, so that nobody fills the memory. */
const maxBacklogBytes = 1024 * 1024
/** Of one hop [RFC 9110 §7.6.1]. */
const ofOneHop = ['connection', 'keep-alive', 'transfer-encoding']

interface Late extends Line {
  readonly silent: boolean
  inTime(then: () => void): void
  end(): void
}

function late({ tab, kind, delayMs, over }: LineOptions, destroy: () => void): Late {
  let silent: ReturnType<typeof setTimeout> | undefined
  const waiting = new Set<ReturnType<typeof setTimeout>>()
  const line: Late = {
    tab,
    kind,
    get silent() {
      return silent !== undefined
    },
    inTime(then) {
      const timer = setTimeout(() => {
        waiting.delete(timer)
        then()
      }, delayMs)
      waiting.add(timer)
    },
    silence() {
      silent ??= setTimeout(line.reset, silentMs)
    },
    end: () => over(line),
    reset() {
      clearTimeout(silent)
      for (const timer of waiting) clearTimeout(timer)
      over(line)
      destroy()
    },
  }
  return line
}

/** Joins two sockets, byte by byte. */
export function tcpLine(client: Socket, upstream: Socket, options: LineOptions): Line {
  const line = late(options, () => {
    client.resetAndDestroy()
    upstream.resetAndDestroy()
  })
  const pass = (from: Socket, to: Socket): void => {
    from.on('data', chunk => {
      if (line.silent) return
      if (to.writableLength > maxBacklogBytes) line.reset()
      else line.inTime(() => to.write(chunk))
    })
    from.on('error', () => {})
    // The sockets of an http server may be half open.
    from.on('end', () => line.silent || line.inTime(() => to.end()))
    from.on('close', hadError => {
      if (line.silent) return
      // A RST overtakes what is under way, and takes it along.
      if (hadError) line.reset()
      else
        line.inTime(() => {
          to.destroySoon()
          line.end()
        })
    })
  }
  pass(client, upstream)
  pass(upstream, client)
  return line
}

export interface HttpLineOptions extends LineOptions {
  readonly port: number
  /** What comes after the headers is held back until the answer is over. */
  readonly buffered: boolean
}

/** Asks a node what a page asked, and answers as it does. */
export function httpLine(request: IncomingMessage, response: ServerResponse, options: HttpLineOptions): Line {
  const { port, buffered } = options
  const { method, url: path, headers } = request
  // A connection of its own, as the next request may go to another node.
  const upstream = ask({ host: '127.0.0.1', port, method, path, headers: endToEnd(headers), agent: false })
  const line = late(options, () => {
    request.socket.resetAndDestroy()
    upstream.destroy()
  })
  const whole = (then: () => void): void => {
    if (!line.silent) line.inTime(then)
  }
  request.on('data', chunk => whole(() => upstream.write(chunk)))
  request.on('end', () => whole(() => upstream.end()))
  upstream.on('error', () => line.silent || line.reset())
  upstream.on('response', answer => {
    const held: Buffer[] = []
    let heldBytes = 0
    whole(() => response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers)).flushHeaders())
    answer.on('data', (chunk: Buffer) => {
      heldBytes = buffered ? heldBytes + chunk.length : response.writableLength
      if (heldBytes > maxBacklogBytes) line.reset()
      else if (buffered) held.push(chunk)
      else whole(() => response.write(chunk))
    })
    answer.on('end', () => whole(() => response.end(Buffer.concat(held))))
    answer.on('error', () => line.silent || line.reset())
  })
  response.on('close', () => {
    if (line.silent) return
    line.end()
    upstream.destroy()
  })
  return line
}

function endToEnd(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ofOneHop.includes(name)))
}
