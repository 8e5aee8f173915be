import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A WebKitWebDriver on a port of the loopback, with a display of its own. */
export interface WebKitDriver {
  readonly port: number
  /** Ends the driver and the display, and with the display every browser on it. */
  end(): Promise<void>
}

export const WEBKIT_DRIVER = '/usr/bin/WebKitWebDriver'
export const DISPLAY_SERVER = '/usr/bin/Xvfb'

const READY_WITHIN_MS = 20_000

// What WebKitGTK needs on a machine without a graphics card, a desktop and a session bus.
const WITHOUT_A_DESKTOP = {
  GDK_BACKEND: 'x11',
  GTK_A11Y: 'none',
  LIBGL_ALWAYS_SOFTWARE: '1',
  NO_AT_BRIDGE: '1',
  WEBKIT_DISABLE_DMABUF_RENDERER: '1',
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('No port is free.')),
      )
    })
  })
}

/** Ends a child when asked, or when this process ends. */
function untilEnded(child: ChildProcess): () => Promise<void> {
  const gone = once(child, 'exit')
  const end = () => child.kill()
  process.once('exit', end)
  return async () => {
    process.off('exit', end)
    if (end()) await gone
  }
}

async function startDisplay(): Promise<{ display: string; end(): Promise<void> }> {
  const args = ['-displayfd', '1', '-screen', '0', '1024x768x24', '-nolisten', 'tcp']
  const child = spawn(DISPLAY_SERVER, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const end = untilEnded(child)
  // It picks a free number and says which.
  const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => [''])])
  const number = String(said).trim()
  if (number === '') throw new Error('Xvfb ended before it had a display.')
  return { display: `:${number}`, end }
}

async function answering(port: number): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS
  while (performance.now() < deadline) {
    const status = await fetch(`http://127.0.0.1:${port}/status`).catch(() => undefined)
    if (status?.ok) return
    await sleep(50)
  }
  throw new Error(`WebKitWebDriver did not answer within ${READY_WITHIN_MS / 1_000} s.`)
}

export async function startWebKitDriver(): Promise<WebKitDriver> {
  const { display, end: endDisplay } = await startDisplay()
  const port = await freePort()
  const child = spawn(WEBKIT_DRIVER, [`--port=${port}`, '--host=127.0.0.1'], {
    stdio: 'ignore',
    env: { ...process.env, ...WITHOUT_A_DESKTOP, DISPLAY: display },
  })
  const endDriver = untilEnded(child)
  const end = async () => {
    await endDriver()
    await endDisplay()
  }
  try {
    await answering(port)
  } catch (problem) {
    await end()
    throw problem
  }
  return { port, end }
}
