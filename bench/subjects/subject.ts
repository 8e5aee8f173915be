/** How an app listens to messages: `addEventListener('message', ...)`, or the `onmessage` attribute. */
export type Listening = 'listener' | 'attribute'

/** What a measurement needs of an opened socket. */
export interface Opened {
  readonly readyState: number
  send(data: string): void
}

/** Opens a socket over the global WebSocket with the options that its library has by default. */
export type Open = (url: string, receive: (event: MessageEvent) => void, listening?: Listening) => Opened
