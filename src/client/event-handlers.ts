import type { ResilientEventMap } from './events.ts'

type EventType = keyof ResilientEventMap
/** What an event handler attribute holds: a function, or an object, which is kept and never called. */
export type EventHandler = ((this: EventTarget, event: Event) => unknown) | object

const { addEventListener, removeEventListener } = EventTarget.prototype

function isHandler(value: unknown): value is EventHandler {
  return typeof value === 'function' || (typeof value === 'object' && value !== null)
}

/** The event handler attributes of one socket: each keeps its place among the listeners until it is set to null [HTML §8.1.8.1]. */
export class EventHandlers {
  readonly #target: EventTarget
  readonly #known: Partial<Record<EventType, { handler: EventHandler; readonly listener: (event: Event) => unknown }>> =
    {}

  constructor(target: EventTarget) {
    this.#target = target
  }

  get(type: EventType): EventHandler | null {
    return this.#known[type]?.handler ?? null
  }

  set(type: EventType, value: unknown): void {
    const target = this.#target
    const known = this.#known[type]
    const handler = isHandler(value) ? value : null
    if (handler && known) {
      known.handler = handler
    } else if (handler) {
      const made = {
        handler,
        listener: (event: Event): void => {
          // An object that is not callable is kept, and nothing is called.
          if (typeof made.handler === 'function' && made.handler.call(target, event) === false) event.preventDefault()
        },
      }
      this.#known[type] = made
      addEventListener.call(target, type, made.listener)
    } else if (known) {
      removeEventListener.call(target, type, known.listener)
      delete this.#known[type]
    }
  }
}
