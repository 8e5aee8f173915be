// Every way in which an app lives with a socket, from its construction to its end. Run in Node and in browsers.
import { type AuthProvider, firstMessage, type Options, ping, ResilientWebSocket } from '../../src/index.ts'
import { log } from '../../src/observe/index.ts'

/** What a life is lived with. */
export interface Stage {
  /** Echoes; closes with the code of `close 4403`. */
  readonly url: string
  readonly refusedUrl: string
  /** What every socket is made with. */
  readonly options: Options
  /** Outlives every socket. */
  readonly signal: AbortSignal
  /** The app's provider, one for all sockets, that does not answer. */
  readonly hangs: AuthProvider
  /** A socket was made. */
  note(socket: ResilientWebSocket): void
}

/** It ends when nothing more happens to the socket by itself. */
export type Life = (stage: Stage) => Promise<void>

function born(stage: Stage, options: Options = {}, url = stage.url): ResilientWebSocket {
  const socket = new ResilientWebSocket(url, [], { ...stage.options, ...options })
  stage.note(socket)
  return socket
}

type Told = 'open' | 'message' | 'error' | 'close'

function told(socket: ResilientWebSocket, type: Told): Promise<void> {
  return new Promise(resolve => socket.addEventListener(type, () => resolve(), { once: true }))
}

/** A message each way. */
async function talks(socket: ResilientWebSocket): Promise<void> {
  if (socket.readyState !== ResilientWebSocket.OPEN) await told(socket, 'open')
  socket.send('hello')
  await told(socket, 'message')
}

async function closes(socket: ResilientWebSocket, close = (): void => socket.close()): Promise<void> {
  const closed = told(socket, 'close')
  close()
  await closed
}

/** With the defaults; the first message waits in the outbox. */
const plain: Life = async stage => {
  const socket = born(stage)
  socket.send('hello')
  await told(socket, 'message')
  await closes(socket)
}

const withHeartbeat: Life = async stage => {
  const socket = born(stage, { heartbeat: ping({ everyMs: 1_000 }) })
  await talks(socket)
  await closes(socket)
}

const signedIn: Life = async stage => {
  const socket = born(stage, {
    auth: {
      provider: async () => ({ token: 'secret', expiresAt: Date.now() + 3_600_000, identity: 'ada' }),
      carry: firstMessage(token => `hello ${token}`),
    },
    async beforeOpen({ receive }) {
      await receive(({ data }) => data === 'hello secret')
    },
  })
  let joined = (): void => {}
  const joining = new Promise<void>(resolve => {
    joined = resolve
  })
  const leave = socket.subscribe('room', {
    async join({ send, receive, signal }) {
      signal.addEventListener('abort', () => {})
      send('join')
      await receive(({ data }) => data === 'join')
      joined()
    },
    leave: ({ send }) => send('leave'),
  })
  await joining
  await talks(socket)
  leave()
  // Still there when it is closed.
  socket.subscribe('lobby', { join: ({ receive }) => receive(() => false).then(() => {}) })
  await closes(socket)
}

/** Of an app whose signal is aborted when the app ends, if ever. */
const underASignal: Life = async stage => {
  const socket = born(stage, { signal: stage.signal })
  await talks(socket)
  await closes(socket)
}

const aborted: Life = async stage => {
  const abort = new AbortController()
  const socket = born(stage, { signal: abort.signal })
  await talks(socket)
  await closes(socket, () => abort.abort())
}

const listenedTo: Life = async stage => {
  const nothing = (): void => {}
  const handler = { handleEvent: nothing }
  const socket = born(stage, { watch: log({ context: 'ada', write: nothing }) })
  socket.onopen = socket.onmessage = socket.onerror = socket.onclose = nothing
  const { signal } = new AbortController()
  for (const type of ['open', 'message', 'error', 'close']) {
    socket.addEventListener(type, handler)
    socket.addEventListener(type, nothing, { capture: true, passive: true })
    socket.addEventListener(type, () => {}, { signal })
  }
  for (const type of ['status', 'transition', 'discard', 'problem', 'handover'] as const) socket.on(type, nothing)
  socket.on('status', nothing)()
  await socket.ready()
  await talks(socket)
  await socket.drained()
  await closes(socket)
  await Promise.allSettled([socket.ready(), socket.drained()])
}

const reconnected: Life = async stage => {
  const socket = born(stage)
  await talks(socket)
  await closes(socket, () => socket.reconnect())
  await talks(socket)
  await closes(socket)
}

/** Given up while it waits for its next try, with a message that waits too. */
const refused: Life = async stage => {
  const socket = born(stage, {}, stage.refusedUrl)
  socket.send('hello')
  await told(socket, 'close')
  await closes(socket)
}

/** Ended by the server for good, and forgotten: no `close()`. */
const forgotten: Life = async stage => {
  const socket = born(stage)
  await talks(socket)
  await closes(socket, () => socket.send('close 4403'))
}

const singleUse: Life = async stage => {
  const socket = born(stage, { reconnect: false, outbox: false })
  await talks(socket)
  await closes(socket, () => socket.send('close 1000'))
}

/** Closed while the app's provider, which others may wait for too, is still at it. */
const givenUp: Life = async stage => {
  const socket = born(stage, { auth: stage.hangs })
  socket.send('hello')
  await closes(socket)
}

const neverStarted: Life = async stage => {
  born(stage, { startClosed: true, signal: stage.signal })
}

export const lives: Readonly<Record<string, Life>> = {
  plain,
  withHeartbeat,
  signedIn,
  underASignal,
  aborted,
  listenedTo,
  reconnected,
  refused,
  forgotten,
  singleUse,
  givenUp,
  neverStarted,
}
