// What can be broken, as plain values: the body of a control request, checked before anything happens.

/** Seconds that a standing fault lasts. */
interface Standing {
  readonly seconds: number
}

/** Seen from the page: `up` is what it says, `down` is what it hears. */
type Direction = 'up' | 'down' | 'both'

/** What is done to the line while it lasts, and has no further choice. */
type WireFault = 'refuse-tcp' | 'cut-after' | 'silence' | 'stall' | 'latency' | 'slow-line' | 'packet-loss'

export type Breakage =
  | { readonly type: 'reset' }
  | { readonly type: 'fin' }
  | { readonly type: 'close'; readonly code: number; readonly reason: string }
  | ({ readonly type: 'black-hole'; readonly direction: Direction } & Standing)
  | ({ readonly type: WireFault } & Standing)
  | ({ readonly type: 'refuse-upgrade'; readonly status: number } & Standing)
  | ({ readonly type: 'accept-then-close' | 'restart' } & Standing)
  | { readonly type: 'heal' }

/** The request was understood and is wrong; the message says what was expected. */
export interface Objection {
  readonly error: string
}

export const longestSeconds = 60

const types: readonly string[] = [
  'reset',
  'fin',
  'close',
  'refuse-tcp',
  'cut-after',
  'silence',
  'black-hole',
  'stall',
  'latency',
  'slow-line',
  'packet-loss',
  'refuse-upgrade',
  'accept-then-close',
  'restart',
  'heal',
] satisfies Breakage['type'][]

export function parseBreakage(body: unknown): Breakage | Objection {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return objection('Expected a JSON object with a `type`.')
  }
  const fields = new Map(Object.entries(body))
  const type = fields.get('type')
  switch (type) {
    case 'reset':
    case 'fin':
    case 'heal':
      return { type }
    case 'close':
      return close(fields.get('code'), fields.get('reason') ?? '')
    case 'refuse-upgrade': {
      const status = fields.get('status')
      if (status !== 503 && status !== 401)
        return objection(`Expected \`status\` to be 503 or 401, got ${show(status)}.`)
      return standing(fields.get('seconds'), seconds => ({ type, status, seconds }))
    }
    case 'black-hole': {
      const direction = fields.get('direction') ?? 'both'
      if (direction !== 'up' && direction !== 'down' && direction !== 'both')
        return objection(`Expected \`direction\` to be up, down or both, got ${show(direction)}.`)
      return standing(fields.get('seconds'), seconds => ({ type, direction, seconds }))
    }
    case 'refuse-tcp':
    case 'cut-after':
    case 'silence':
    case 'stall':
    case 'latency':
    case 'slow-line':
    case 'packet-loss':
    case 'accept-then-close':
    case 'restart':
      return standing(fields.get('seconds'), seconds => ({ type, seconds }))
    default:
      return objection(`Expected \`type\` to be one of ${types.join(', ')}; got ${show(type)}.`)
  }
}

function close(code: unknown, reason: unknown): Breakage | Objection {
  if (typeof code !== 'number' || !mayBeSent(code)) {
    return objection(
      `Expected \`code\` to be a close code that a server may send (1000-1003, 1007-1014 or 3000-4999), got ${show(code)}.`,
    )
  }
  // [RFC 6455 §5.5]: a control frame carries at most 125 bytes, and the code takes two.
  if (typeof reason !== 'string' || Buffer.byteLength(reason) > 123) {
    return objection('Expected `reason` to be text of at most 123 bytes.')
  }
  return { type: 'close', code, reason }
}

/** [RFC 6455 §7.4]: 1004 is reserved; 1005, 1006 and 1015 only report, and never travel. */
function mayBeSent(code: number): boolean {
  if (!Number.isInteger(code)) return false
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999)
}

function standing(seconds: unknown, made: (seconds: number) => Breakage): Breakage | Objection {
  if (typeof seconds !== 'number' || !(seconds >= 0.1 && seconds <= longestSeconds)) {
    return objection(`Expected \`seconds\` to be a number from 0.1 to ${longestSeconds}, got ${show(seconds)}.`)
  }
  return made(seconds)
}

function objection(error: string): Objection {
  return { error }
}

/** A value as it is quoted in an answer: short, whatever it was. */
function show(value: unknown): string {
  const shown = JSON.stringify(value) ?? 'nothing'
  return shown.length > 40 ? `${shown.slice(0, 40)}…` : shown
}
