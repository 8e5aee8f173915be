import { vi } from 'vitest'

/** A page to listen to: its events are those of the target that comes back. Undone by `vi.unstubAllGlobals()`. */
export function fakePage(): EventTarget {
  const page = new EventTarget()
  const { addEventListener, removeEventListener } = page
  type Listening = Parameters<typeof removeEventListener>
  vi.stubGlobal('addEventListener', addEventListener.bind(page))
  // Node's EventTarget, unlike a browser's, does not know again what was added with `true`.
  vi.stubGlobal('removeEventListener', (type: Listening[0], listener: Listening[1], capture: boolean) =>
    removeEventListener.call(page, type, listener, { capture }),
  )
  return page
}
