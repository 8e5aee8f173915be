/** Clients as they are commonly written: test/naive. */
import { useNaiveWebSocket } from '../../naive/naive-composable.ts'
import { NaiveConnectTimeout } from '../../naive/naive-connect-timeout.ts'
import { NaiveHeartbeatWebSocket } from '../../naive/naive-heartbeat.ts'
import { NaiveJitterWebSocket } from '../../naive/naive-jitter.ts'
import { NaivePage } from '../../naive/naive-page.ts'
import { NaiveReauth, NaiveToken } from '../../naive/naive-token.ts'
import { NaiveWebSocket } from '../../naive/naive-web-socket.ts'
import { type DropIn, type Subject, URL_OF_SERVER, type Wish } from '../subject.ts'
import { dropIn } from './drop-in.ts'

function wrapper(name: string, Class: typeof NaiveWebSocket): Subject {
  const construct = ({ url = URL_OF_SERVER, protocols }: Wish): DropIn => Reflect.construct(Class, [url, protocols])
  return dropIn({ name }, construct)
}

function tokens(name: string, Class: typeof NaiveToken): Subject {
  return {
    name,
    open({ provider } = {}) {
      if (!provider) throw new Error('It wants a provider.')
      return new Class(URL_OF_SERVER, provider)
    },
  }
}

export const naiveWrapper = wrapper('naive wrapper', NaiveWebSocket)
export const naiveJitter = wrapper('naive jitter', NaiveJitterWebSocket)
export const naiveHeartbeat = wrapper('naive heartbeat', NaiveHeartbeatWebSocket)
export const naiveToken = tokens('naive token', NaiveToken)
export const naiveReauth = tokens('naive re-auth', NaiveReauth)

export const naiveConnectTimeout: Subject = {
  name: 'naive connect timeout',
  open: () => new NaiveConnectTimeout(URL_OF_SERVER),
}

export const naivePage: Subject = { name: 'naive page signals', open: () => new NaivePage(URL_OF_SERVER) }

export const naiveComposable: Subject = {
  name: 'naive composable',
  open() {
    const socket = useNaiveWebSocket(URL_OF_SERVER)
    return {
      get readyState() {
        return ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'].indexOf(socket.status())
      },
      send: data => socket.send(data),
      close: () => socket.close(),
    }
  },
}
