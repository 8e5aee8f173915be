import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ResilientWebSocket } from '../../src/index.ts'
import { pageSignals } from '../../src/runtime/page-signals.ts'
import { hangs, type ScriptedServer, scriptedServer, type VirtualClock, virtualClock } from '../../src/testing/index.ts'

interface Registration {
  readonly on: 'window' | 'document'
  readonly type: string
  readonly listener: (event: Event) => void
  readonly capture: boolean
}

/** As much of a page as there is to listen to. An event of the document passes the window in the capture phase, and comes back to it when it bubbles. */
class FakePage {
  readonly document = { hidden: false, ...this.#targetOf('document') }
  readonly navigator = { onLine: true }
  readonly #registered: Registration[] = []

  constructor() {
    vi.stubGlobal('document', this.document)
    vi.stubGlobal('navigator', this.navigator)
    for (const [name, value] of Object.entries(this.#targetOf('window'))) vi.stubGlobal(name, value)
  }

  get listeners(): number {
    return this.#registered.length
  }

  fire(type: string, more: object = {}): void {
    this.#call('window', Object.assign(new Event(type), more))
  }

  fireOnDocument(type: string, { bubbles }: { readonly bubbles: boolean }): void {
    const event = new Event(type)
    this.#call('window', event, true)
    this.#call('document', event)
    if (bubbles) this.#call('window', event, false)
  }

  #call(target: Registration['on'], event: Event, phase?: boolean): void {
    for (const { on, type, listener, capture } of [...this.#registered]) {
      if (on === target && type === event.type && capture === (phase ?? capture)) listener(event)
    }
  }

  #targetOf(on: Registration['on']) {
    const same = (a: Registration, b: Registration): boolean =>
      a.on === b.on && a.type === b.type && a.listener === b.listener && a.capture === b.capture
    const entryOf = (type: string, listener: Registration['listener'], options: boolean | AddEventListenerOptions) => ({
      on,
      type,
      listener,
      capture: typeof options === 'object' ? (options.capture ?? false) : options,
    })
    const remove = (entry: Registration): void => {
      const index = this.#registered.findIndex(other => same(other, entry))
      if (index >= 0) this.#registered.splice(index, 1)
    }
    return {
      addEventListener: (
        type: string,
        listener: Registration['listener'],
        options: boolean | AddEventListenerOptions = false,
      ): void => {
        const entry = entryOf(type, listener, options)
        if (this.#registered.some(other => same(other, entry))) return
        this.#registered.push(entry)
        if (typeof options === 'object') options.signal?.addEventListener('abort', () => remove(entry))
      },
      removeEventListener: (
        type: string,
        listener: Registration['listener'],
        options: boolean | EventListenerOptions = false,
      ): void => remove(entryOf(type, listener, options)),
    }
  }
}

let page: FakePage

beforeEach(() => {
  page = new FakePage()
})

afterEach(() => {
  vi.unstubAllGlobals()
})

function heard(): readonly string[] {
  const said: string[] = []
  pageSignals(signal => said.push(signal))
  return said
}

describe("the page's signals", () => {
  it('are told as they come', () => {
    const said = heard()
    page.fire('offline')
    page.fire('online')
    page.document.hidden = true
    page.fireOnDocument('visibilitychange', { bubbles: true })
    page.document.hidden = false
    page.fireOnDocument('visibilitychange', { bubbles: true })
    // Measured in Chromium 156: these two do not bubble.
    page.fireOnDocument('freeze', { bubbles: false })
    page.fireOnDocument('resume', { bubbles: false })
    expect(said).toEqual(['offline', 'online', 'hidden', 'visible', 'frozen', 'resumed'])
  })

  it('begin with what is so already', () => {
    page.navigator.onLine = false
    page.document.hidden = true
    expect(heard()).toEqual(['offline', 'hidden'])
  })

  it('begin with nothing on a page that is visible and online', () => {
    expect(heard()).toEqual([])
  })

  it('take a page that comes back out of the back-forward cache for one that resumes', () => {
    const said = heard()
    page.fire('pageshow', { persisted: true })
    expect(said).toEqual(['resumed'])
  })

  it('take no notice of a page that is shown for the first time', () => {
    const said = heard()
    page.fire('pageshow', { persisted: false })
    expect(said).toEqual([])
  })

  it('take no notice of a page that says it will be left: that may be cancelled', () => {
    const said = heard()
    for (const type of ['beforeunload', 'unload', 'blur', 'focus']) page.fire(type)
    expect(said).toEqual([])
  })

  it('end when they are stopped, and leave no listener behind', () => {
    const said: string[] = []
    const stop = pageSignals(signal => said.push(signal))
    expect(page.listeners).toBeGreaterThan(0)
    stop()
    page.fire('offline')
    page.fireOnDocument('freeze', { bubbles: false })
    expect(said).toEqual([])
    expect(page.listeners).toBe(0)
  })

  it('do not exist without a page, and stopping them harms nobody', () => {
    vi.stubGlobal('addEventListener', undefined)
    vi.stubGlobal('document', undefined)
    const said: string[] = []
    pageSignals(signal => said.push(signal))()
    expect(said).toEqual([])
  })

  it('exist in a worker, which has no document', () => {
    vi.stubGlobal('document', undefined)
    const said = heard()
    page.fire('offline')
    expect(said).toEqual(['offline'])
  })
})

describe('a socket on a page', () => {
  let clock: VirtualClock
  let server: ScriptedServer
  let socket: ResilientWebSocket

  beforeEach(async () => {
    clock = virtualClock({ rolls: [0.5] })
    server = scriptedServer(undefined, { clock })
    socket = new ResilientWebSocket('wss://feed.example', [], { clock, WebSocket: server.WebSocket })
    await clock.advance(0)
  })

  it('listens while it lives, not after close(), and again after reconnect()', async () => {
    const alive = page.listeners
    expect(alive).toBeGreaterThan(0)
    socket.close()
    expect(page.listeners).toBe(0)
    await clock.advance(0)
    socket.reconnect()
    expect(page.listeners).toBe(alive)
  })

  it('does not listen with `reconnect: false`, nor with `startClosed`', () => {
    const before = page.listeners
    const options = { clock, WebSocket: server.WebSocket }
    new ResilientWebSocket('wss://feed.example', [], { ...options, reconnect: false })
    new ResilientWebSocket('wss://feed.example', [], { ...options, startClosed: true })
    expect(page.listeners).toBe(before)
  })

  it('stays open when the page asks whether to leave and the user stays', async () => {
    page.fire('beforeunload')
    await clock.advance(60_000)
    server.latest.send('x')
    await clock.advance(0)
    expect(socket.readyState).toBe(1)
    expect(socket.lastMessageAt).toBe(clock.wall())
  })

  it('redials within 0.5 s when the page comes back from the cache with its socket closed', async () => {
    page.fire('pageshow', { persisted: true })
    server.latest.breakProtocol()
    await clock.advance(500)
    expect(server.dials.map(({ at }) => at)).toEqual([0, 250])
  })

  it('keeps a slow first dial when the page has finished loading meanwhile', async () => {
    server.behaviour = hangs()
    const slow = new ResilientWebSocket('wss://feed.example', [], { clock, WebSocket: server.WebSocket })
    const ends: string[] = []
    slow.onclose = () => ends.push('close')
    await clock.advance(2_000)
    page.fire('pageshow', { persisted: false })
    await clock.advance(1_000)
    expect(ends).toEqual([])
  })

  it('shows that it is offline from the first status on', () => {
    page.navigator.onLine = false
    const { status } = new ResilientWebSocket('wss://feed.example', [], { clock, WebSocket: server.WebSocket })
    expect(status.online).toBe(false)
  })
})
