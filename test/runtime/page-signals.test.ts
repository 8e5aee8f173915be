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

/** `navigator.connection` as Chromium has it on Android; on a desktop it has no `type`. */
class FakeNetwork extends EventTarget {
  listeners = 0

  constructor(readonly facts: { type?: string; rtt: number; effectiveType: string }) {
    super()
  }

  get type(): string | undefined {
    return this.facts.type
  }

  override addEventListener(...given: Parameters<EventTarget['addEventListener']>): void {
    this.listeners++
    super.addEventListener(...given)
  }

  override removeEventListener(...given: Parameters<EventTarget['removeEventListener']>): void {
    this.listeners--
    super.removeEventListener(...given)
  }

  changes(facts: Partial<FakeNetwork['facts']>): void {
    Object.assign(this.facts, facts)
    this.dispatchEvent(new Event('change'))
  }
}

/** As much of a page as there is to listen to. An event of the document passes the window in the capture phase, and comes back to it when it bubbles. */
class FakePage {
  readonly document = { hidden: false, ...this.#targetOf('document') }
  readonly navigator: { onLine: boolean; connection?: object } = { onLine: true }
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

  it('take a page that goes into the back-forward cache for one that is frozen, where no event says so', () => {
    const said = heard()
    page.fire('pagehide', { persisted: true })
    page.fire('pageshow', { persisted: true })
    expect(said).toEqual(['frozen', 'resumed'])
  })

  it('take no notice of a page that is left for good', () => {
    const said = heard()
    page.fire('pagehide', { persisted: false })
    expect(said).toEqual([])
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

describe('the network below the page', () => {
  function on(facts: FakeNetwork['facts']): { readonly network: FakeNetwork; readonly said: readonly string[] } {
    const network = new FakeNetwork(facts)
    page.navigator.connection = network
    return { network, said: heard() }
  }

  it('has changed when it is of another type', () => {
    const { network, said } = on({ type: 'wifi', rtt: 50, effectiveType: '4g' })
    network.changes({ type: 'cellular' })
    network.changes({ type: 'wifi' })
    expect(said).toEqual(['network-changed', 'network-changed'])
  })

  it('has not changed when only the estimates of its speed have', () => {
    const { network, said } = on({ type: 'wifi', rtt: 50, effectiveType: '4g' })
    network.changes({ rtt: 400 })
    network.changes({ effectiveType: '3g' })
    expect(said).toEqual([])
  })

  it('says nothing on a desktop, where nothing names it', () => {
    const { network, said } = on({ rtt: 50, effectiveType: '4g' })
    network.changes({ rtt: 400, effectiveType: '3g' })
    expect(said).toEqual([])
  })

  it.each(['none', 'unknown'])('has not changed while it is %s, nor when the same one comes back', type => {
    const { network, said } = on({ type: 'wifi', rtt: 50, effectiveType: '4g' })
    network.changes({ type })
    network.changes({ type: 'wifi' })
    network.changes({ type })
    expect(said).toEqual([])
    network.changes({ type: 'cellular' })
    expect(said).toEqual(['network-changed'])
  })

  it('is not listened to any more when the signals are stopped', () => {
    const network = new FakeNetwork({ type: 'wifi', rtt: 50, effectiveType: '4g' })
    page.navigator.connection = network
    const said: string[] = []
    const stop = pageSignals(signal => said.push(signal))
    expect(network.listeners).toBe(1)
    stop()
    network.changes({ type: 'cellular' })
    expect(said).toEqual([])
    expect(network.listeners).toBe(0)
  })

  it('may be an object without events, as of Cordova', () => {
    page.navigator.connection = { type: 'wifi' }
    const said: string[] = []
    pageSignals(signal => said.push(signal))()
    expect(said).toEqual([])
  })

  it('is heard in a worker, which has no document', () => {
    vi.stubGlobal('document', undefined)
    const { network, said } = on({ type: 'wifi', rtt: 50, effectiveType: '4g' })
    network.changes({ type: 'ethernet' })
    expect(said).toEqual(['network-changed'])
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

  it('dials nothing while its page is in the back-forward cache, and within 0.5 s when it comes back', async () => {
    page.fire('pagehide', { persisted: true })
    server.latest.close(1001)
    await clock.advance(600_000)
    expect(server.dials).toHaveLength(1)
    page.fire('pageshow', { persisted: true })
    await clock.advance(500)
    expect(server.dials.map(({ at }) => at)).toEqual([0, 600_250])
  })

  it('dials within 0.5 s when there is another network, and not because of an estimate', async () => {
    const network = new FakeNetwork({ type: 'wifi', rtt: 50, effectiveType: '4g' })
    page.navigator.connection = network
    const roaming = new ResilientWebSocket('wss://feed.example', [], { clock, WebSocket: server.WebSocket })
    await clock.advance(20_000)
    server.latest.reset()
    await clock.advance(0)
    network.changes({ rtt: 400, effectiveType: '3g' })
    await clock.advance(500)
    expect(server.dials).toHaveLength(2)
    network.changes({ type: 'cellular' })
    await clock.advance(500)
    expect(server.dials).toHaveLength(3)
    roaming.close()
    expect(network.listeners).toBe(0)
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
