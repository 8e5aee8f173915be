import { type Mock, vi } from 'vitest'
import { type AuthProvider, type ProvidedCredential, subprotocol } from '../../src/index.ts'
import type { ScriptedServer } from '../../src/testing/index.ts'
import { openStory, type Setting, type Story, story } from './story.ts'

/** What a provider answers to one call. */
export type Reply = ProvidedCredential | Promise<ProvidedCredential> | (() => ReturnType<AuthProvider>)

/** A provider that answers each call in order; the last answer is for all that follow. */
export function provides(...replies: readonly [Reply, ...Reply[]]): Mock<AuthProvider> {
  let calls = 0
  return vi.fn<AuthProvider>(() => {
    const reply = replies[Math.min(calls++, replies.length - 1)]
    return typeof reply === 'function' ? reply() : reply
  })
}

/** A provider that hands out `token 1`, `token 2`, … */
export function counts(): Mock<AuthProvider> {
  let calls = 0
  return vi.fn<AuthProvider>(() => `token ${++calls}`)
}

/** Never answers. */
export const never = (): Promise<ProvidedCredential> => new Promise(() => {})

/** Why it was asked, call by call. */
export function reasons({ mock }: Mock<AuthProvider>): readonly string[] {
  return mock.calls.map(([{ reason }]) => reason)
}

/** Whether what it was given to stop by has stopped, call by call. */
export function aborted({ mock }: Mock<AuthProvider>): readonly boolean[] {
  return mock.calls.map(([{ signal }]) => signal.aborted)
}

/** The token of every dial, read from its last subprotocol. */
export function tokens({ dials }: ScriptedServer): readonly string[] {
  return dials.map(({ protocols }) => fromProtocol(protocols.at(-1) ?? ''))
}

/** The token in a subprotocol. */
export function fromProtocol(protocol: string): string {
  return Buffer.from(protocol.replace('bearer.', ''), 'base64url').toString()
}

/** Auth options with the token in a subprotocol. */
export function carried(provider: AuthProvider, setting: Setting = {}): Setting {
  const { options, ...others } = setting
  return { ...others, options: { ...options, auth: { provider, carry: subprotocol('v1') } } }
}

/** A story whose socket carries the token of that provider in a subprotocol. */
export function authStory(provider: AuthProvider, setting?: Setting): Story {
  return story(carried(provider, setting))
}

/** The same, its first connection open. */
export function openAuthStory(provider: AuthProvider, setting?: Setting): Promise<Story> {
  return openStory(carried(provider, setting))
}

/** A credential that lives that long from the beginning of the virtual clock on. */
export function until(token: string, ms: number): { readonly token: string; readonly expiresAt: number } {
  return { token, expiresAt: Date.UTC(2025, 0, 1) + ms }
}
