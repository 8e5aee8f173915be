/** The tables of docs/troubleshooting.md: who ended it, with which code, and every error. */
import { readFileSync } from 'node:fs'
import type { Origin } from '../../src/core/disconnect.ts'
import {
  BACKOFF_BASE_MS,
  BACKOFF_CAP_MS,
  BACKOFF_SLOW_MS,
  LONG_OUTAGE_MS,
  OFFLINE_EVERY_MS,
} from '../../src/core/limits.ts'
import { ping } from '../../src/index.ts'
import { accepts, closes, goesSilent, hangs, refuses, resets } from '../../src/testing/index.ts'
import { codeRows } from '../close-codes-docs/page.ts'
import { table } from '../markdown.ts'
import { linesOf, type Story } from './story.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

/** How each end comes about, and where to look. The compiler demands all of them. */
const ORIGINS: Readonly<Record<Origin, readonly [story: Story, look: string]>> = {
  server: [
    { server: closes({ code: 4200, reason: 'room closed', afterMs: 5_000 }), seconds: 6 },
    'The [code](#by-close-code) and the reason are the word of the server: its log at that second.',
  ],
  network: [
    { server: resets({ afterMs: 60_000 }), seconds: 61 },
    'The end of a TCP connection. The same silence each time: a proxy. Everybody at once: a server or a proxy that went away. One user alone: their network.',
  ],
  'browser-failed': [
    {
      server: accepts(),
      seconds: 1,
      act: async ({ server }) => server.latest.breakProtocol(),
    },
    'A frame or a text that breaks the protocol. The console of the browser names it. A proxy that compresses or rewrites, or a server that sends invalid UTF-8.',
  ],
  'dial-failed': [
    { server: refuses(), seconds: 1 },
    'It never opened. The log of the proxy has the HTTP status; `curl` [shows it](behind-a-proxy.md#look-at-the-upgrade). Browsers show none.',
  ],
  'dial-timeout': [
    { server: hangs(), seconds: 10 },
    'Nobody answered. A firewall that drops, a server that accepts and says nothing, a `beforeOpen` that waits for a message that never comes.',
  ],
  heartbeat: [
    { server: goesSilent(), options: { heartbeat: ping() }, seconds: 21 },
    'The link died and nobody said so: Wi-Fi, a tunnel, a NAT that forgot it. If a server does it under load, it did not answer pings in 5 s.',
  ],
  provider: [
    { hangingUrl: true, seconds: 10 },
    'Your `url`, `protocols` or `auth` function threw, or took too long: the `problem` `ERR_PROVIDER` has the `cause`.',
  ],
  hook: [
    {
      server: accepts(),
      options: {
        beforeOpen: () => {
          throw new Error('not today')
        },
      },
      seconds: 1,
    },
    'Your `beforeOpen` threw: the `problem` `ERR_HOOK` has the `cause`.',
  ],
  client: [
    { server: accepts(), seconds: 1, act: async ({ socket }) => socket.close(1000, 'bye') },
    'Your app called `close()`, or aborted the `signal`. When nobody meant to: a component that unmounts.',
  ],
}

/** What a line says of the end itself. */
async function told([story]: readonly [Story, string]): Promise<string> {
  const lines = await linesOf(story)
  const [, said] = lines.map(line => /websocket (.+?: \d{4}[^;]*)/.exec(line)).find(match => match) ?? []
  if (!said) throw new Error(`No line tells of an end:\n${lines.join('\n')}`)
  return `\`${said}\``
}

/** The codes of the type, as the source has them. */
function errorCodes(): readonly string[] {
  const [union = ''] = /type ErrorCode =[^\n]*\n(?:\s*\| '\w+'\n)+/.exec(read('src/core/resilient-error.ts')) ?? []
  const codes = union.match(/\bERR_\w+/g)
  if (!codes) throw new Error('There is no union ErrorCode in resilient-error.ts.')
  return codes
}

/** The rows of docs/errors.md, by their code. */
function errorRows(): readonly (readonly string[])[] {
  const rows = read('docs/errors.md')
    .split('\n')
    .map(line => line.split(/(?<!\\)\|/).map(cell => cell.trim()))
    .filter(([, code]) => code?.startsWith('`ERR_'))
  return errorCodes().map(code => {
    const [, , where = '', means = '', what = ''] = rows.find(([, cell]) => cell === `\`${code}\``) ?? []
    if (!means || !what) throw new Error(`docs/errors.md does not explain ${code}.`)
    return [`\`${code}\``, where.startsWith('a `problem`') ? '`problem`' : where, means, what]
  })
}

/** Names and hints of the codes, without what the standard table does about them. */
function codes(): readonly (readonly string[])[] {
  return codeRows().map(([code = '', name = '', meaning = '', , without = '', hint = '']) => [
    code,
    name,
    meaning,
    hint,
    without,
  ])
}

/** Who scheduled a wait, with the numbers as they are. */
function waits(): readonly (readonly string[])[] {
  const seconds = (ms: number): string => `${ms / 1_000} s`
  const means = [BACKOFF_BASE_MS, BACKOFF_CAP_MS, BACKOFF_SLOW_MS].map(window => seconds(window / 2))
  const [first, widest, slow] = means
  return [
    [
      '`backoff`',
      `chance: ${first} on average for the first, up to ${widest} later, ${slow} after ${LONG_OUTAGE_MS / 60_000} min without a stable connection`,
    ],
    [
      `\`the browser says offline, one try per ${seconds(OFFLINE_EVERY_MS)}\``,
      '`navigator.onLine` is false; it may be wrong, hence the tries',
    ],
    ['`the server asked for it`', '`after=SECONDS` in its close reason'],
    ['`the close policy asked for it`', '`{ afterMs }`'],
    ['`held back by the dial guard, 6 dials in 10 s`', '[too many dials](#too-many-dials)'],
    ['`paused: the page is frozen`, `the page was hidden for an hour`', 'nobody looks; it goes on when somebody does'],
  ]
}

export async function tableBlocks(): Promise<Readonly<Record<string, string>>> {
  const origins: string[][] = []
  for (const [origin, [story, look]] of Object.entries(ORIGINS)) {
    origins.push([`\`${origin}\``, await told([story, look]), look])
  }
  return {
    waits: table(['the line says', 'because'], waits()),
    origins: table(['`disconnect.origin`', 'the line says', 'where to look'], origins),
    codes: table(
      ['code', 'name', 'meaning', 'whose, and what to look at', 'what Holdfast does, without a provider'],
      codes(),
    ),
    errors: table(['code', 'where', 'what it means', 'what to do'], errorRows()),
  }
}
