import { ResilientError } from '../core/resilient-error.ts'
import { decodeBinary, isServerFrame, isUnknownType, type Limits, type ServerFrame } from './frames.ts'
import type { Greeting } from './layer.ts'

/** The server at the other end of one connection. */
export class Peer {
  /** Said `hello`. */
  said = false
  limits: Limits = {}
  /** Resolves when the server has welcomed the client and answered every subscription of `hello`. */
  readonly greeted: Promise<void>
  readonly greeting: Greeting
  readonly #awaited = new Set<string>()
  #welcomed = false
  #resolve: (() => void) | undefined
  /** A frame that is none was told of: a server that sends nothing else is told of once. */
  #told = false

  constructor(greeting: Greeting) {
    this.greeting = greeting
    this.greeted = new Promise(resolve => {
      this.#resolve = resolve
    })
  }

  get number(): number {
    return this.greeting.number
  }

  /** `hello` asked for that topic. */
  asked(topic: string): void {
    this.#awaited.add(topic)
  }

  /** Subscribed, or refused. */
  answered(topic: string): void {
    this.#awaited.delete(topic)
    this.#look()
  }

  welcome({ limits = {} }: Extract<ServerFrame, { readonly t: 'welcome' }>): void {
    this.limits = limits
    this.#welcomed = true
    this.#look()
  }

  #look(): void {
    if (this.#welcomed && !this.#awaited.size) this.#resolve?.()
  }

  /** What arrived, as a frame; `null` for one that is to be ignored, an error for the first that is none. */
  read(received: unknown): ServerFrame | ResilientError | null {
    let cause: unknown
    try {
      const frame = parse(received)
      if (isServerFrame(frame)) return frame
      if (isUnknownType(frame)) return null
    } catch (thrown) {
      cause = thrown
    }
    if (this.#told) return null
    this.#told = true
    return new ResilientError('ERR_FRAME', 'The server sent what is no frame of the session protocol: ignored.', cause)
  }
}

function parse(received: unknown): unknown {
  if (typeof received === 'string') return JSON.parse(received)
  if (!(received instanceof ArrayBuffer)) throw new TypeError('Neither text nor an ArrayBuffer.')
  const [header, bytes] = decodeBinary(received)
  return typeof header === 'object' && header !== null ? { ...header, data: bytes } : header
}
