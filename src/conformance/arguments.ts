import type { Selection } from './run.ts'
import type { Settings } from './world.ts'

/** What was asked for on the command line. */
export type Order =
  | { readonly type: 'help' }
  | { readonly type: 'mistake'; readonly message: string }
  | { readonly type: 'run'; readonly settings: Omit<Settings, 'socket'>; readonly selection: Selection }

export const HELP = `holdfast-conformance URL [options]

Checks a server of holdfast.v1 over the wire, rule by rule. Each line names a rule of docs/protocol.md.

  --topic NAME            events are caused by messages to it (default: conformance)
  --other-topic NAME      a second one of the same kind (default: conformance-2)
  --forbidden-topic NAME  one that may be neither subscribed nor sent to
  --token TOKEN           credentials of every hello; HOLDFAST_TOKEN in the environment does not show in a list of commands
  --other-token TOKEN     credentials of another identity; or HOLDFAST_OTHER_TOKEN
  --origin ORIGIN         the Origin of every handshake; another one must be refused (needs the package ws)
  --publish-url URL       where a POST of {"topic","data"} causes an event, when clients may not send
  --timeout MS            how long an answer may take (default: 5000)
  --quiet MS              how long nothing may come where nothing must (default: 200)
  --only RULE             this one alone, by number or name; may be repeated
  --slow                  also what waits for heartbeats, timeouts and expiry
  --help

Exit code: 0 when no rule failed, 1 when one did, 2 when nothing was checked.
`

/** Options with a value, and what they are called inside. */
const VALUES = {
  '--topic': 'topic',
  '--other-topic': 'otherTopic',
  '--forbidden-topic': 'forbiddenTopic',
  '--token': 'token',
  '--other-token': 'otherToken',
  '--origin': 'origin',
  '--publish-url': 'publishUrl',
  '--timeout': 'timeout',
  '--quiet': 'quiet',
} as const

type Name = (typeof VALUES)[keyof typeof VALUES]
type Environment = Readonly<Record<string, string | undefined>>

const mistake = (message: string): Order => ({ type: 'mistake', message })
const isOption = (word: string): word is keyof typeof VALUES => Object.hasOwn(VALUES, word)

/** Milliseconds from 1; `null` for anything else. */
function duration(text: string | undefined, otherwise: number): number | null {
  if (text === undefined) return otherwise
  return /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 600_000 ? Number(text) : null
}

/** Reads the command line. */
export function orderOf(words: readonly string[], environment: Environment): Order {
  const given = new Map<Name, string>()
  const only: string[] = []
  const urls: string[] = []
  let slow = false
  const rest = [...words]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--help') return { type: 'help' }
    if (word === '--slow') slow = true
    else if (isOption(word) || word === '--only') {
      const value = rest.shift()
      if (value === undefined) return mistake(`Expected a value after \`${word}\`, got nothing.`)
      if (isOption(word)) given.set(VALUES[word], value)
      else only.push(value)
    } else if (word.startsWith('-')) return mistake(`Expected one of the options of --help, got \`${word}\`.`)
    else urls.push(word)
  }
  const [url, another] = urls
  if (url === undefined || another !== undefined) return mistake(`Expected one URL, got ${urls.length}.`)
  if (!/^wss?:\/\/./.test(url)) return mistake('Expected a URL that begins with ws:// or wss://.')
  const patienceMs = duration(given.get('timeout'), 5_000)
  const quietMs = duration(given.get('quiet'), 200)
  if (patienceMs === null || quietMs === null)
    return mistake('Expected `--timeout` and `--quiet` in milliseconds, 1 to 600000.')
  const topic = given.get('topic') ?? 'conformance'
  const optional = {
    token: given.get('token') ?? environment.HOLDFAST_TOKEN,
    otherToken: given.get('otherToken') ?? environment.HOLDFAST_OTHER_TOKEN,
    forbiddenTopic: given.get('forbiddenTopic'),
    origin: given.get('origin'),
    publishUrl: given.get('publishUrl'),
  }
  return {
    type: 'run',
    settings: { url, topic, otherTopic: given.get('otherTopic') ?? `${topic}-2`, patienceMs, quietMs, ...optional },
    selection: { slow, only },
  }
}
