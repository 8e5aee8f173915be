import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TestProject } from 'vitest/node'
import { behaviours } from './contract-server-behaviours.ts'
import { type Ledger, ledger } from './contract-server-ledger.ts'

/** Where the page finds the servers; every origin is `host:port`. */
export interface ContractServers {
  readonly main: string
  /**
   * For handshakes that are held back: browsers let the next handshake to the same address and port
   * wait until the one before it is over [RFC 6455 §4.1].
   */
  readonly slow: string
  /** Nothing listens here. */
  readonly refused: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    contractServers: ContractServers
  }
}

const JSON_FOR_ANY_PAGE = { 'access-control-allow-origin': '*', 'content-type': 'application/json' }

async function control(book: Ledger, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://server')
  const id = query.get('id') ?? ''
  const count = Number(query.get('count') ?? 1)
  const answer = (value: unknown) => response.writeHead(200, JSON_FOR_ANY_PAGE).end(JSON.stringify(value))
  switch (pathname) {
    case '/-/ended':
      return void answer(await book.ended(id, count))
    case '/-/arrived':
      return void answer(await book.arrived(id, count))
    case '/-/seen':
      return void answer(book.seen(id))
    case '/-/release':
      return void answer((await book.lever(id, 'release'))() ?? null)
    case '/-/drop':
      return void answer((await book.lever(id, 'drop'))() ?? null)
    case '/-/close': {
      const code = query.get('code')
      const close = await book.lever(id, 'close')
      return void answer(close(code === null ? undefined : Number(code), query.get('reason') ?? '') ?? null)
    }
    case '/-/heard':
      return void answer(await book.heard(id, count))
    case '/-/forget':
      return void answer(book.forget(id) ?? null)
    case '/-/text':
      return void answer((await book.lever(id, 'text'))(query.get('text') ?? '') ?? null)
    case '/-/bytes':
      return void answer((await book.lever(id, 'bytes'))(Buffer.from(query.get('hex') ?? '', 'hex')) ?? null)
    default:
      return void answer(null)
  }
}

/** What a URL asks for at its nth handshake: a `/sequence` has a `step` for each, and stays at the last one. */
function stepOf({ href, pathname, searchParams }: URL, nth: number): string {
  const steps = searchParams.getAll('step')
  return pathname === '/sequence' ? (steps[nth] ?? steps.at(-1) ?? '') : href
}

function upgrade(book: Ledger, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const asked = new URL(request.url ?? '/', 'http://server')
  const id = asked.searchParams.get('id') ?? ''
  const { pathname, searchParams: query } = new URL(stepOf(asked, book.seen(id).length), asked)
  const behave = behaviours[pathname.split('/')[1] ?? '']
  if (!behave) return void socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  const sighting = book.arrive(id, request.url ?? '', request.headers)
  behave({ request, socket, head, query, id, sighting, ledger: book })
}

async function listen(book: Ledger): Promise<Server> {
  const server = createServer((request, response) => void control(book, request, response))
  server.on('upgrade', (request, socket, head) => upgrade(book, request, socket, head))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return server
}

function hostOf(server: Server): string {
  const address = server.address() as AddressInfo
  return `127.0.0.1:${address.port}`
}

export async function startContractServers(): Promise<{ servers: ContractServers; stop(): Promise<void> }> {
  const book = ledger()
  const [main, slow, doomed] = await Promise.all([listen(book), listen(book), listen(book)])
  const servers = { main: hostOf(main), slow: hostOf(slow), refused: hostOf(doomed) }
  await new Promise(resolve => doomed.close(resolve))
  const sockets = new Set<Duplex>()
  for (const server of [main, slow]) {
    server.on('connection', socket => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
  }
  return {
    servers,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await Promise.all([main, slow].map(server => new Promise(resolve => server.close(resolve))))
    },
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { servers, stop } = await startContractServers()
  project.provide('contractServers', servers)
  return stop
}
