/** What is known of the ways to a server, on one network. */
export interface Known {
  /** When the preferred transport last completed a round trip, epoch ms. */
  readonly provenAt?: number
  /** The transport that worked where the preferred one did not. */
  readonly works?: string
  /** When that was found out, epoch ms. */
  readonly worksAt?: number
}

const PREFIX = 'holdfast:ways:'
/** Shared by the sockets of a page, and all there is where nothing can be stored. */
const page = new Map<string, Known>()

/** Which network, where the platform tells [Network Information API]. */
function network(): string {
  const connection: unknown = Reflect.get(globalThis.navigator ?? {}, 'connection')
  const type: unknown = connection instanceof Object ? Reflect.get(connection, 'type') : ''
  return typeof type === 'string' ? type : ''
}

function parsed(text: string | null | undefined): Known {
  const { provenAt, works, worksAt }: Partial<Record<string, unknown>> = Object(JSON.parse(text ?? '{}'))
  return {
    ...(typeof provenAt === 'number' && { provenAt }),
    ...(typeof works === 'string' && typeof worksAt === 'number' && { works, worksAt }),
  }
}

/** What is known of the ways to that server. Nothing where what is stored cannot be read. */
export function recall(server: string): Known {
  const key = `${PREFIX}${server}:${network()}`
  try {
    return page.get(key) ?? parsed(globalThis.localStorage?.getItem(key))
  } catch {
    return {}
  }
}

/** Of the last `ms`, by the wall clock. What comes from the future was written by another clock. */
export function isRecent(at: number, ms: number, wall: number): boolean {
  return at <= wall && wall - at < ms
}

/** Keeps it: host and names of transports, nothing of the app's. */
export function remember(server: string, known: Known): void {
  const key = `${PREFIX}${server}:${network()}`
  page.set(key, known)
  try {
    globalThis.localStorage?.setItem(key, JSON.stringify(known))
  } catch {
    // For this page, then.
  }
}

/** Forgets what this page knows; what is stored stays. For tests. */
export function forgetPage(): void {
  page.clear()
}
