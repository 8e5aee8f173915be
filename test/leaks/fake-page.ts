/** What the page signals listen to, where there is no page. It holds on to its listeners, as a window does. */
export interface FakePage {
  /** How many are there now. */
  readonly listeners: number
}

/** Makes this process look like a page. */
export function fakePage(): FakePage {
  const kept = new Map<string, Set<unknown>>()
  const at = (place: string): Set<unknown> => {
    const set = kept.get(place) ?? new Set()
    kept.set(place, set)
    return set
  }
  const target = (name: string) => ({
    addEventListener(type: string, listener: unknown, capture = false): void {
      at(`${name} ${type} ${capture}`).add(listener)
    },
    removeEventListener(type: string, listener: unknown, capture = false): void {
      at(`${name} ${type} ${capture}`).delete(listener)
    },
  })
  const connection = { type: 'wifi', ...target('network') }
  const value = { onLine: true, connection }
  Object.defineProperty(globalThis, 'navigator', { value, configurable: true })
  Object.assign(globalThis, { document: { hidden: false }, ...target('window') })
  return {
    get listeners() {
      return [...kept.values()].reduce((sum, { size }) => sum + size, 0)
    },
  }
}
