import type { Implementation } from '../implementation.ts'
import { type ScenarioName, scenarios } from './scenarios.ts'

interface Question {
  readonly name: ScenarioName
  readonly urls: readonly string[]
}

type Answer = { readonly value: unknown } | { readonly problem: string }

/** In a worker or a page: takes a port and runs the scenarios that are asked for through it. */
export function answer(implementation: Implementation): void {
  addEventListener('message', ({ ports: [port] }: MessageEvent) => {
    if (!port) return
    port.onmessage = async ({ data: { name, urls } }: MessageEvent<Question>) => {
      const reply = await scenarios[name](implementation, ...urls).then(
        value => ({ value }),
        problem => ({ problem: String(problem) }),
      )
      port.postMessage(reply satisfies Answer)
    }
  })
}

export interface Realm {
  run(name: ScenarioName, ...urls: readonly string[]): Promise<unknown>
}

/** In the test: the other end. One question at a time. */
export function realmBehind(post: (transfer: Transferable[]) => void): Realm {
  const { port1, port2 } = new MessageChannel()
  post([port2])
  return {
    run: (name, ...urls) =>
      new Promise((resolve, reject) => {
        port1.onmessage = ({ data }: MessageEvent<Answer>) =>
          'problem' in data ? reject(new Error(data.problem)) : resolve(data.value)
        port1.postMessage({ name, urls } satisfies Question)
      }),
  }
}
