const made = new WeakSet<Event>()

/** An event of the kind a socket itself fires under that type. */
export function synthetic(type: 'open' | 'message' | 'error' | 'close', init: EventInit = {}): Event {
  const event =
    type === 'message'
      ? new MessageEvent('message', { ...init, data: 'synthetic' })
      : type === 'close'
        ? new CloseEvent('close', { ...init, code: 4000 })
        : new Event(type, init)
  made.add(event)
  return event
}

/** Whether a test made the event, so it says nothing about the connection. */
export function isSynthetic(event: Event): boolean {
  return made.has(event)
}
