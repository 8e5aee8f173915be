// Boxes between a browser and its server that nobody configured: what they do to an upgrade, and to everything.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What becomes of an upgrade: it passes, it is answered and nothing follows, nothing answers, it is reset. */
export type Upgrades = 'pass' | 'go silent' | 'hang' | 'break'

export interface Middlebox {
  readonly port: number
  /** Of those to come. */
  upgrades: Upgrades
  /** Every connection is cut that long after it was made, in ms. */
  cutAfterMs: number
  close(): Promise<void>
}

const HEAD_END = '\r\n\r\n'

export async function middlebox(upstream: number, upgrades: Upgrades, cutAfterMs = Infinity): Promise<Middlebox> {
  const open = new Set<Socket>()
  const keep = (socket: Socket): Socket => {
    open.add(socket)
    socket.on('error', () => {})
    return socket.on('close', () => open.delete(socket))
  }

  function pass(near: Socket, head: Buffer, mute: boolean): void {
    const far = keep(connect(upstream, '127.0.0.1'))
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
    far.write(head)
    if (!mute) {
      near.pipe(far)
      far.pipe(near)
      return
    }
    near.resume()
    let answer = ''
    far.on('data', piece => {
      if (answer.includes(HEAD_END)) return
      answer += piece.toString('latin1')
      const [headers, more] = answer.split(HEAD_END)
      if (more !== undefined) near.write(`${headers}${HEAD_END}`, 'latin1')
    })
  }

  function take(near: Socket): void {
    let head = Buffer.alloc(0)
    const read = (piece: Buffer): void => {
      head = Buffer.concat([head, piece])
      const text = head.toString('latin1')
      if (!text.includes(HEAD_END)) return
      near.off('data', read)
      const upgrade = /^upgrade: *websocket/im.test(text)
      if (!upgrade || box.upgrades === 'pass') pass(near, head, false)
      else if (box.upgrades === 'go silent') pass(near, head, true)
      else if (box.upgrades === 'break') near.resetAndDestroy()
      else near.resume()
    }
    near.on('data', read)
  }

  const server = createServer(socket => {
    take(keep(socket))
    if (box.cutAfterMs < Infinity) setTimeout(() => socket.resetAndDestroy(), box.cutAfterMs).unref()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port }: AddressInfo = Object.assign({ port: 0, family: '', address: '' }, server.address())
  const box: Middlebox = {
    port,
    upgrades,
    cutAfterMs,
    async close() {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
  return box
}
