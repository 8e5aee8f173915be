/**
 * Where a snippet runs, in a thread of its own: a page, a server that answers, virtual time. It lives through two minutes
 * in which everything happens that a client lives through, and must not throw.
 */
import { Server } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { virtualClock } from 'holdfast/testing'
import { answeringServer, news } from './server.ts'

process.setSourceMapsEnabled(true)

const failures: string[] = []
const fail = (problem: unknown): void => {
  failures.push(problem instanceof Error ? (problem.stack ?? problem.message) : String(problem))
}
process.on('uncaughtException', fail)

const clock = virtualClock()
const server = answeringServer(clock)

/** What browsers give for a timer is a number, what Node gives has methods. */
function timer(undo: () => void): object {
  const made = { undo, ref: () => made, unref: () => made, hasRef: () => true }
  return made
}

function repeat(fn: () => void, ms: number): object {
  const next = (): (() => void) =>
    clock.schedule(clock.now() + Math.max(1, ms), () => {
      undo = next()
      fn()
    })
  let undo = next()
  return timer(() => undo())
}

const clear = (made?: { undo?: () => void }): void => made?.undo?.()
const page = new EventTarget()
const document = Object.assign(new EventTarget(), { title: '', hidden: false, visibilityState: 'visible' })
const quiet = (): void => {}

const answers: readonly (readonly [path: string, body: unknown])[] = [
  ['/where-to-connect', 'wss://api.example.com/live'],
  ['/ticket', 'a ticket for one dial'],
]

async function fetched(input: string | URL | Request): Promise<Response> {
  const { pathname } = new URL(input instanceof Request ? input.url : input, 'https://app.example.com')
  const [, body] = answers.find(([path]) => path === pathname) ?? []
  const token = { token: `token ${clock.now()}`, exp: Math.floor(clock.wall() / 1_000) + 900, sub: 'user 42' }
  return new Response(typeof body === 'string' ? body : JSON.stringify(token))
}

const stored = new Map<string, string>()
const storage = {
  getItem: (key: string) => stored.get(key) ?? null,
  setItem: (key: string, value: string) => void stored.set(key, value),
  removeItem: (key: string) => void stored.delete(key),
}

Object.assign(globalThis, {
  localStorage: storage,
  sessionStorage: storage,
  WebSocket: server.WebSocket,
  location: new URL('https://app.example.com/'),
  document,
  addEventListener: page.addEventListener.bind(page),
  removeEventListener: page.removeEventListener.bind(page),
  dispatchEvent: page.dispatchEvent.bind(page),
  reportError: fail,
  fetch: fetched,
  setTimeout: (fn: () => void, ms = 0, ...args: []) => timer(clock.schedule(clock.now() + ms, () => fn(...args))),
  setInterval: repeat,
  clearTimeout: clear,
  clearInterval: clear,
  performance: { now: () => clock.now() },
})
Date.now = () => clock.wall()

// A server listens where it is free, whatever the snippet says: others run beside it.
const { listen } = Server.prototype
Server.prototype.listen = function anywhere(...given: readonly unknown[]) {
  const told = given.at(-1)
  return listen.call(this, { port: 0, host: '127.0.0.1' }, typeof told === 'function' ? () => told() : undefined)
}
Object.assign(console, {
  log: quiet,
  info: quiet,
  warn: quiet,
  error: quiet,
  assert: (right: unknown, ...said: readonly unknown[]) => {
    if (!right) fail(new Error(`console.assert: ${said.join(' ') || 'not so'}`))
  },
})

function hide(hidden: boolean): void {
  Object.assign(document, { hidden, visibilityState: hidden ? 'hidden' : 'visible' })
  page.dispatchEvent(new Event('visibilitychange'))
}

const everyOne = (act: (connection: (typeof server.open)[number]) => void) => (): void => server.open.forEach(act)

/** What happens, and at which second. */
const STORY: readonly (readonly [second: number, happens: () => void])[] = [
  [5, everyOne(news)],
  [15, everyOne(connection => connection.close(1012, 'restart'))],
  [30, () => page.dispatchEvent(new Event('offline'))],
  [35, () => page.dispatchEvent(new Event('online'))],
  [40, everyOne(connection => connection.reset())],
  [60, () => hide(true)],
  [65, () => hide(false)],
  [70, everyOne(connection => connection.close(4401, 'token expired'))],
  [90, everyOne(connection => connection.goSilent())],
  [120, quiet],
]

let running = true
const begun = new Promise<void>(resolve => Object.assign(globalThis, { snippetBegins: resolve }))
const done = import(workerData).catch(fail).finally(() => {
  running = false
})
await Promise.race([begun, done])
try {
  for (const [second, happens] of STORY) {
    await clock.advance(Math.max(0, second * 1_000 - clock.now()))
    happens()
  }
} catch (problem) {
  fail(problem)
}
if (running) fail(new Error('It still awaited something after two minutes.'))
else await done
parentPort?.postMessage({ failures, dials: server.dials.length })
