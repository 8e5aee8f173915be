// What stands in front of the nodes: gives each connection and each request to the next node in turn, whichever that is.
// It also knows what belongs to which page, so that a page can break its own line, and have its own network, and nobody
// else's.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { httpLine, type Line, type LineKind, tcpLine } from './line.ts'
import { type Block, httpPaths } from './names.ts'
import type { Node } from './node.ts'

export interface Front {
  upgrade(request: IncomingMessage, head: Buffer): void
  /** Takes a request of the session over HTTP; `false` for any other, which is not touched. */
  request(request: IncomingMessage, response: ServerResponse): boolean
  /** Ends the connections of a page with a RST to both sides; says how many those were. */
  cut(tab: string): number
  /** From now on nothing passes on the connections that a page has now, and nobody is told. New ones are whole. */
  silence(tab: string): number
  /** What is in the way of that page from now on. Cuts what would not get through; says how many those were. */
  block(tab: string, blocks: readonly Block[]): number
  close(): void
}

export interface FrontOptions {
  readonly nodes: readonly Node[]
  /** How long every byte takes, each way: so there is always something under way when something breaks. */
  readonly delayMs: number
}

/** What does not get through, or not as it should. */
const stops: Readonly<Record<Block, LineKind>> = { websocket: 'websocket', buffer: 'stream', sse: 'stream' }
/** Pages whose network is remembered. */
const maxTabs = 1_000

export function front({ nodes, delayMs }: FrontOptions): Front {
  const lines = new Set<Line>()
  const blocked = new Map<string, readonly Block[]>()
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

  const of = (tab: string, kind: LineKind) => ({ tab, kind, delayMs, over: (line: Line) => lines.delete(line) })
  const inTheWay = (tab: string, block: Block): boolean => blocked.get(tab)?.includes(block) ?? false
  const each = (what: 'reset' | 'silence', which: (line: Line) => boolean): number => {
    const own = [...lines].filter(which)
    for (const line of own) line[what]()
    return own.length
  }

  return {
    upgrade(request, head) {
      const client = request.socket.setNoDelay(true)
      const { path, tab } = asked(request)
      const node = next(path)
      if (node === undefined || inTheWay(tab, 'websocket')) {
        const status = node === undefined ? '503 Service Unavailable' : '403 Forbidden'
        client.on('error', () => {})
        client.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
        return
      }
      const upstream = connect({ port: node.port, host: '127.0.0.1' }).setNoDelay(true)
      lines.add(tcpLine(client, upstream, of(tab, 'websocket')))
      upstream.write(Buffer.concat([Buffer.from(headOf(request)), head]))
    },
    request(request, response) {
      const { path, tab } = asked(request)
      if (request.method !== 'POST' || !httpPaths.includes(path)) return false
      const kind = path.endsWith('/stream') ? 'stream' : 'request'
      const refused = kind === 'stream' && inTheWay(tab, 'sse')
      const node = next(path)
      if (refused || node === undefined) {
        response.writeHead(refused ? 404 : 503, refused ? {} : { 'retry-after': '1' }).end()
        return true
      }
      const buffered = kind === 'stream' && inTheWay(tab, 'buffer')
      lines.add(httpLine(request, response, { ...of(tab, kind), port: node.port, buffered }))
      return true
    },
    cut: tab => each('reset', line => line.tab === tab),
    silence: tab => each('silence', line => line.tab === tab),
    block(tab, blocks) {
      blocked.delete(tab)
      if (blocks.length > 0) blocked.set(tab, blocks)
      const [oldest] = blocked.keys()
      if (blocked.size > maxTabs && oldest !== undefined) blocked.delete(oldest)
      const stopped = blocks.map(block => stops[block])
      return each('reset', line => line.tab === tab && stopped.includes(line.kind))
    },
    close() {
      each('reset', () => true)
    },
  }
}

function asked({ url }: IncomingMessage): { readonly path: string; readonly tab: string } {
  const { pathname, searchParams } = new URL(url ?? '/', 'http://front')
  return { path: pathname, tab: searchParams.get('tab') ?? '' }
}

/** The request as it came, Host and Origin included: the node checks them. */
function headOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
