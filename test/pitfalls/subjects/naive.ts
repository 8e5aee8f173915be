/** Clients as they are commonly written: test/naive. */
import { naiveSocket } from '../../naive/naive-composable.ts'
import { NaiveConnectTimeout } from '../../naive/naive-connect-timeout.ts'
import { NaiveHeartbeatWebSocket } from '../../naive/naive-heartbeat.ts'
import { NaiveJitterWebSocket } from '../../naive/naive-jitter.ts'
import { NaivePage } from '../../naive/naive-page.ts'
import { NaiveReauth, NaiveToken } from '../../naive/naive-token.ts'
import { NaiveWebSocket } from '../../naive/naive-web-socket.ts'
import { type DropIn, type Subject, URL_OF_SERVER, type Wish } from '../subject.ts'
import { dropIn } from './drop-in.ts'

function wrapper(name: string, about: string, Class: typeof NaiveWebSocket): Subject {
  const construct = ({ url = URL_OF_SERVER, protocols }: Wish): DropIn => Reflect.construct(Class, [url, protocols])
  return dropIn({ name, about }, construct)
}

function tokens(name: string, about: string, Class: typeof NaiveToken): Subject {
  return {
    name,
    about,
    open({ provider } = {}) {
      if (!provider) throw new Error('It wants a provider.')
      return new Class(URL_OF_SERVER, provider)
    },
  }
}

export const naiveWrapper = wrapper(
  'naive wrapper',
  '[test/naive/naive-web-socket.ts](../test/naive/naive-web-socket.ts): a wrapper with handlers, a queue and reconnecting',
  NaiveWebSocket,
)
export const naiveJitter = wrapper(
  'naive jitter',
  '[test/naive/naive-jitter.ts](../test/naive/naive-jitter.ts): the naive wrapper with exponential backoff and jitter',
  NaiveJitterWebSocket,
)
export const naiveHeartbeat = wrapper(
  'naive heartbeat',
  '[test/naive/naive-heartbeat.ts](../test/naive/naive-heartbeat.ts): the naive wrapper with pings',
  NaiveHeartbeatWebSocket,
)
export const naiveToken = tokens(
  'naive token',
  '[test/naive/naive-token.ts](../test/naive/naive-token.ts): a client that keeps a token and renews it',
  NaiveToken,
)
export const naiveReauth = tokens(
  'naive re-auth',
  '[test/naive/naive-token.ts](../test/naive/naive-token.ts): the naive token, which takes “refused” for “expired”',
  NaiveReauth,
)

export const naiveConnectTimeout: Subject = {
  name: 'naive connect timeout',
  about:
    '[test/naive/naive-connect-timeout.ts](../test/naive/naive-connect-timeout.ts): a client that dials again after 10 s',
  open: () => new NaiveConnectTimeout(URL_OF_SERVER),
}

export const naivePage: Subject = {
  name: 'naive page signals',
  about: '[test/naive/naive-page.ts](../test/naive/naive-page.ts): a client that believes the browser',
  open: () => new NaivePage(URL_OF_SERVER),
}

export const naiveComposable: Subject = {
  name: 'naive composable',
  about: '[test/naive/naive-composable.ts](../test/naive/naive-composable.ts): a socket for the components of a page',
  open() {
    const socket = naiveSocket(URL_OF_SERVER)
    return {
      get readyState() {
        return ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'].indexOf(socket.status())
      },
      send: data => socket.send(data),
      close: () => socket.close(),
    }
  },
}
