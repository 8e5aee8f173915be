import { headersOf, statusOf } from '../../src/server/http-answer.ts'
import { CLAMPS } from '../../src/session/frames.ts'
import { table } from '../markdown.ts'
import { CLIENT, SERVER } from './fields.ts'

interface Frame {
  readonly means: string
  readonly fields: Readonly<Record<string, readonly [type: string, presence: string, meaning: string]>>
}

function frames(described: Readonly<Record<string, Frame>>): string {
  const rows = Object.entries(described).flatMap(([t, { means, fields }]) => [
    [`**${t}**`, '', '', means],
    ...Object.entries(fields).map(([name, [type, presence, meaning]]) => [
      '',
      `\`${name}\`${presence === 'optional' ? '?' : ''}`,
      type,
      meaning,
    ]),
  ])
  return table(['frame', 'field', 'type', 'meaning'], rows)
}

export const clientFrames = (): string => frames(CLIENT)
export const serverFrames = (): string => frames(SERVER)

const number = (value: number): string => (value === Number.MAX_SAFE_INTEGER ? '' : value.toLocaleString('en-US'))

/** What a number of `CLAMPS` is of the wire. */
const NAMES: Readonly<Record<keyof typeof CLAMPS, string>> = {
  heartbeatMs: '`welcome.heartbeatMs`',
  authExpiresInMs: '`welcome.authExpiresInMs`, `authok.expiresInMs`',
  goawayAfterMs: '`goaway.afterMs`',
  goawaySpreadMs: '`goaway.spreadMs`',
  afterMs: '`err.afterMs`',
  afterAuthMs: '`err.afterMs` with `retry: "auth"`',
  messageBytes: '`limits.messageBytes`',
  inFlight: '`limits.inFlight`',
  unacked: '`limits.unacked`',
  dedupeMs: '`limits.dedupeMs`',
}

export function clamps(): string {
  const names: readonly (keyof typeof CLAMPS)[] = [
    'heartbeatMs',
    'authExpiresInMs',
    'goawayAfterMs',
    'goawaySpreadMs',
    'afterMs',
    'afterAuthMs',
    'messageBytes',
    'inFlight',
    'unacked',
    'dedupeMs',
  ]
  const rows = names.map(name => {
    const [least, most, otherwise] = CLAMPS[name]
    return [NAMES[name], number(least), number(most), number(otherwise)]
  })
  return table(['number', 'least', 'most', 'default'], rows)
}

/** Close codes of servers, the first of each range. */
const CLOSES: readonly (readonly [codes: string, code: number])[] = [
  ['4200-4299', 4200],
  ['4300-4399', 4300],
  ['4400-4499', 4400],
  ['1011, 1012, 1013', 1012],
  ['others', 4000],
]

/** What a close is as a status. */
export function httpStatuses(): string {
  const rows = CLOSES.map(([codes, code]) => [
    codes,
    `${statusOf(code)}`,
    Object.keys(headersOf(statusOf(code)))
      .map(name => `\`${name}\``)
      .join(', '),
  ])
  return table(['close', 'status', 'with'], rows)
}
