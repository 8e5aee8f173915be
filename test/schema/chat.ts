import { vi } from 'vitest'
import { z } from 'zod'
import { type Message, ResilientWebSocket, type SendOptions } from '../../src/index.ts'
import {
  type InputOf,
  type Messages,
  type OutputOf,
  type Schema,
  type Socket,
  type Typed,
  typed,
} from '../../src/schema/index.ts'
import {
  accepts,
  type ScriptedServer,
  scriptedServer,
  type VirtualClock,
  virtualClock,
} from '../../src/testing/index.ts'

export { deferred } from '../scenarios/hooked.ts'

/** What must be in no error. */
export const SECRET = 'a-secret-in-a-message'

export const incoming = z.object({
  id: z.number(),
  at: z.iso
    .datetime()
    .transform(text => new Date(text))
    .optional(),
})
export const outgoing = z.object({ text: z.string().min(2), tag: z.string().default('none') })

export function line(message: object): string {
  return JSON.stringify(message)
}

/** A schema of no library, that answers what `make` does. */
export function asyncSchema(make: (value: unknown) => unknown): Schema<unknown, unknown> {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: value => {
        const made = make(value)
        return made instanceof Promise ? made.then(known => ({ value: known })) : { value: made }
      },
    },
  }
}

interface Chat<In extends Schema, Out extends Schema> {
  readonly clock: VirtualClock
  readonly server: ScriptedServer
  readonly socket: ResilientWebSocket
  readonly chat: Typed<OutputOf<In>, InputOf<Out>, MessageEvent, [options?: SendOptions], Message | undefined>
  /** The server says that, and it arrives. */
  say(...messages: readonly (string | Uint8Array<ArrayBuffer>)[]): Promise<void>
}

type Parts<In extends Schema, Out extends Schema> = Partial<Messages<In, Out>>

/** A socket that is open, with types for its messages. */
export async function chatOf<In extends Schema = typeof incoming, Out extends Schema = typeof outgoing>(
  parts?: Omit<Messages<In, Out>, 'outgoing' | 'incoming'> & { readonly incoming?: In; readonly outgoing?: Out },
): Promise<Chat<In, Out>>
export async function chatOf(parts: Parts<Schema, Schema> = {}): Promise<Chat<Schema, Schema>> {
  const clock = virtualClock()
  const server = scriptedServer(accepts(), { clock })
  const socket = new ResilientWebSocket('wss://chat.example', [], { clock, WebSocket: server.WebSocket })
  const chat = typed(socket, { incoming, outgoing, ...parts })
  await clock.advance(0)
  return {
    clock,
    server,
    socket,
    chat,
    say: async (...messages) => {
      for (const message of messages) server.latest.send(message)
      await clock.advance(1)
    },
  }
}

/** What is reported to the platform meanwhile. */
export async function reportsWhile(act: () => Promise<void>): Promise<readonly unknown[]> {
  const reports: unknown[] = []
  vi.stubGlobal('reportError', (error: unknown) => reports.push(error))
  try {
    await act()
  } finally {
    vi.unstubAllGlobals()
  }
  return reports
}

/** The least that is a socket. */
export class Line implements Socket {
  readonly listeners = new Set<(event: MessageEvent) => void>()
  readonly sent: unknown[] = []

  addEventListener(_: 'message', listener: (event: MessageEvent) => void): void {
    this.listeners.add(listener)
  }

  removeEventListener(_: 'message', listener: (event: MessageEvent) => void): void {
    this.listeners.delete(listener)
  }

  send(data: unknown): void {
    this.sent.push(data)
  }

  arrive(event: MessageEvent): void {
    for (const listener of this.listeners) listener(event)
  }
}
