// What stands in front of the nodes: takes an upgrade, and joins it to the next node in turn, whichever that is. It also
// knows which connection belongs to which page, so that a page can break its own line and nobody else's.
import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Node } from './node.ts'

export interface Front {
  upgrade(request: IncomingMessage, head: Buffer): void
  /** Ends the connections of a page with a RST to both sides; says how many those were. */
  cut(tab: string): number
  /** From now on nothing passes on the connections that a page has now, and nobody is told. New ones are whole. */
  silence(tab: string): number
  close(): void
}

interface Line {
  readonly tab: string
  silence(): void
  reset(): void
}

export interface FrontOptions {
  readonly nodes: readonly Node[]
  /** How long every byte takes, each way: so there is always something under way when something breaks. */
  readonly delayMs: number
}

/** A silent line is cleared away then: long after both ends should have noticed. */
const silentMs = 30_000
/** Held back for one side; beyond that the line is cut, so that nobody fills the memory. */
const maxBacklogBytes = 1024 * 1024

export function front({ nodes, delayMs }: FrontOptions): Front {
  const lines = new Set<Line>()
  /** Whose turn it is, by path: the session and the plain socket of a page begin at the same node. */
  const turns = new Map<string, number>()

  const next = (path: string): Node | undefined => {
    const turn = turns.get(path) ?? 0
    // A node that is drained is given nothing, unless there is no other one.
    for (const wanted of ['up', 'draining'] as const) {
      for (let step = 0; step < nodes.length; step += 1) {
        const at = (turn + step) % nodes.length
        const node = nodes[at]
        if (node?.state !== wanted) continue
        turns.set(path, at + 1)
        return node
      }
    }
    return undefined
  }

  const join = (tab: string, client: Socket, upstream: Socket): void => {
    let silent: ReturnType<typeof setTimeout> | undefined
    const late = new Set<ReturnType<typeof setTimeout>>()
    const inTime = (then: () => void): void => {
      const timer = setTimeout(() => {
        late.delete(timer)
        then()
      }, delayMs)
      late.add(timer)
    }
    const reset = (): void => {
      clearTimeout(silent)
      for (const timer of late) clearTimeout(timer)
      lines.delete(line)
      client.resetAndDestroy()
      upstream.resetAndDestroy()
    }
    const pass = (from: Socket, to: Socket): void => {
      from.on('data', chunk => {
        if (silent !== undefined) return
        if (to.writableLength > maxBacklogBytes) reset()
        else inTime(() => to.write(chunk))
      })
      from.on('error', () => {})
      // The sockets of an http server may be half open.
      from.on('end', () => silent === undefined && inTime(() => to.end()))
      from.on('close', hadError => {
        if (silent !== undefined) return
        // A RST overtakes what is under way, and takes it along.
        if (hadError) reset()
        else
          inTime(() => {
            to.destroySoon()
            lines.delete(line)
          })
      })
    }
    const line: Line = {
      tab,
      silence() {
        silent ??= setTimeout(reset, silentMs)
      },
      reset,
    }
    lines.add(line)
    pass(client, upstream)
    pass(upstream, client)
  }

  const each = (tab: string, what: 'reset' | 'silence'): number => {
    const own = [...lines].filter(line => line.tab === tab)
    for (const line of own) line[what]()
    return own.length
  }

  return {
    upgrade(request, head) {
      const client = request.socket.setNoDelay(true)
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://front')
      const node = next(pathname)
      if (node === undefined) {
        client.on('error', () => {})
        client.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
        return
      }
      const upstream = connect({ port: node.port, host: '127.0.0.1' }).setNoDelay(true)
      join(searchParams.get('tab') ?? '', client, upstream)
      upstream.write(Buffer.concat([Buffer.from(headOf(request)), head]))
    },
    cut: tab => each(tab, 'reset'),
    silence: tab => each(tab, 'silence'),
    close() {
      for (const line of [...lines]) line.reset()
    },
  }
}

/** The request as it came, Host and Origin included: the node checks them. */
function headOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
