import type { Implementation } from '../implementation.ts'
import { journal, messages, next, opening, outcome, thrownBy } from '../waiting.ts'

type Scenario = (implementation: Implementation, ...urls: readonly string[]) => Promise<unknown>

export type ScenarioName = keyof typeof scenarioTable

/** What is tried in another realm. Each answers with plain values; the test on the page knows what they should be. */
const scenarioTable = {
  async echo({ construct }: Implementation, url: string) {
    const socket = await opening(construct([url]))
    socket.send('€ there and back')
    const { data } = await next(socket, 'message')
    socket.close()
    return data
  },

  async binary({ construct }: Implementation, url: string) {
    const socket = await opening(construct([url]))
    socket.send(Uint8Array.of(1, 2))
    const blob: unknown = (await next(socket, 'message')).data
    socket.binaryType = 'arraybuffer'
    socket.send(new Blob([Uint8Array.of(3)]))
    const buffer: unknown = (await next(socket, 'message')).data
    socket.close()
    return [blob instanceof Blob && blob.size, buffer instanceof ArrayBuffer && [...new Uint8Array(buffer)]]
  },

  async realmOfEvents({ construct }: Implementation, url: string) {
    const socket = construct([url])
    const open = await next(socket, 'open')
    socket.send('a')
    const message = await next(socket, 'message')
    socket.close()
    const close = await next(socket, 'close')
    return [open.constructor === Event, message.constructor === MessageEvent, close.constructor === CloseEvent]
  },

  async realmOfErrors({ construct }: Implementation, url: string) {
    const missing = thrownBy(() => construct([])) instanceof TypeError
    const syntax = thrownBy(() => construct([`${url}#part`])) instanceof DOMException
    return [missing, syntax]
  },

  async shape({ Class, construct }: Implementation, url: string) {
    const socket = construct([url])
    const seen = [
      socket instanceof EventTarget,
      String(socket),
      Object.getPrototypeOf(Class) === EventTarget,
      [Class.CONNECTING, Class.OPEN, Class.CLOSING, Class.CLOSED],
      [socket.readyState, socket.url === url, socket.binaryType, socket.onopen],
    ]
    socket.close()
    return seen
  },

  async relativeUrl({ construct }: Implementation) {
    const socket = construct(['relative/chat'])
    const { url } = socket
    socket.close()
    return url
  },

  async wrongUrls({ construct }: Implementation) {
    return ['ws://[', 'ftp://localhost/', '#part', 'mailto:a'].map(url => outcome(() => construct([url])))
  },

  async protocols({ construct }: Implementation, url: string) {
    const refused = outcome(() => construct([url, ['a', 'a']]))
    const socket = await opening(construct([url, ['a', 'b']]))
    socket.close()
    return [refused, socket.protocol]
  },

  async earlySend({ construct }: Implementation, url: string) {
    const socket = construct([url])
    const result = outcome(() => socket.send('early'))
    socket.close()
    return result
  },

  async refusedHandshake({ construct }: Implementation, url: string) {
    const socket = construct([url])
    const events = journal(socket)
    const { code, reason, wasClean } = await next(socket, 'close')
    const seen = [events.slice(0, 2), code, reason, wasClean]
    socket.close()
    return seen
  },

  async closeCodes({ construct }: Implementation, url: string) {
    const socket = await opening(construct([url]))
    const refused = [outcome(() => socket.close(1001)), outcome(() => socket.close(3000, 'x'.repeat(124)))]
    const before = socket.readyState
    socket.close(3210, 'from afar')
    const during = socket.readyState
    const { code, reason, wasClean } = await next(socket, 'close')
    return [refused, before, during, socket.readyState, code, reason, wasClean]
  },

  async closeEarly({ construct }: Implementation, url: string) {
    const socket = construct([url])
    const events = journal(socket)
    socket.close()
    const during = socket.readyState
    const { code, wasClean } = await next(socket, 'close')
    return [during, events, code, wasClean, socket.readyState]
  },

  async serverCloses({ construct }: Implementation, url: string) {
    const socket = construct([url])
    const { code, reason, wasClean } = await next(socket, 'close')
    socket.close()
    return [code, reason, wasClean]
  },

  async handlers({ construct }: Implementation, url: string) {
    const socket = construct([url])
    const order: unknown[] = []
    socket.addEventListener('open', () => order.push('before'))
    socket.onopen = function (event) {
      order.push(this === socket, event.target === socket)
    }
    socket.addEventListener('open', () => order.push('after'))
    Reflect.set(socket, 'onmessage', 'not a function')
    await next(socket, 'open')
    socket.close()
    return [...order, socket.onmessage]
  },

  async throwingHandler({ construct }: Implementation, url: string) {
    const reported: string[] = []
    const listener = (event: Event) => {
      event.preventDefault()
      if (event instanceof ErrorEvent) reported.push(event.error.message)
    }
    addEventListener('error', listener)
    const socket = construct([url])
    socket.onopen = () => {
      throw new Error('onopen fails')
    }
    await next(socket, 'open')
    await new Promise(resolve => setTimeout(resolve))
    removeEventListener('error', listener)
    const seen = [reported, socket.readyState]
    socket.close()
    return seen
  },

  async microtasks({ construct }: Implementation, url: string) {
    const socket = construct([url])
    const order: string[] = []
    socket.addEventListener('error', () => queueMicrotask(() => order.push('microtask')))
    socket.addEventListener('close', () => order.push('close'))
    await next(socket, 'close')
    const seen = [...order]
    socket.close()
    return seen
  },

  async bufferedAmount({ construct }: Implementation, url: string) {
    const socket = await opening(construct([url]))
    socket.send('€€')
    socket.send(new Uint16Array(2))
    const sent = socket.bufferedAmount
    socket.close()
    return sent
  },

  async manyMessages({ construct }: Implementation, url: string) {
    const socket = construct([url])
    const all = await messages(socket, 500)
    socket.close()
    return all.every((data, n) => data === String(n))
  },

  async subclass({ Class, construct }: Implementation, url: string) {
    class Chat extends Class {}
    const socket = await opening(construct([url], Chat))
    socket.close()
    return [socket instanceof Chat, socket instanceof Class]
  },

  /** Leaves a socket open, so the test can end the realm around it. */
  async stay({ construct }: Implementation, url: string) {
    await opening(construct([url]))
    return 'open'
  },
}

export const scenarios: Readonly<Record<ScenarioName, Scenario>> = scenarioTable as Record<ScenarioName, Scenario>
