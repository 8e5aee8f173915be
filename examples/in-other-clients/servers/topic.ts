// What the servers publish: every subscriber hears a text once.
export interface Topic {
  /** Subscriptions that the server holds now. */
  readonly subscribers: number
  publish(text: string): void
  /** Hears what is published until the result is called. */
  hear(listener: (text: string) => void): () => void
  /** The same as an iteration, until the signal is aborted. */
  iterate(signal: AbortSignal): AsyncGenerator<string, void, undefined>
}

export function topic(): Topic {
  const listeners = new Set<(text: string) => void>()
  const hear: Topic['hear'] = listener => {
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }
  return {
    get subscribers() {
      return listeners.size
    },
    publish(text) {
      for (const listener of [...listeners]) listener(text)
    },
    hear,
    async *iterate(signal) {
      const texts: string[] = []
      let wake = (): void => {}
      const leave = hear(text => {
        texts.push(text)
        wake()
      })
      signal.addEventListener('abort', () => wake(), { once: true })
      try {
        while (!signal.aborted) {
          for (const text of texts.splice(0)) yield text
          if (texts.length === 0 && !signal.aborted) {
            await new Promise<void>(resolve => {
              wake = resolve
            })
          }
        }
      } finally {
        leave()
      }
    },
  }
}
