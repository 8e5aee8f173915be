/** Who speaks on a connection: an id of its own, and a counter for the ids of its messages. Several connections may share one. */
export interface Client {
  readonly id: string
  nextMessageId(): string
}

/** Random bits, as hex. */
export function random(bytes: number): string {
  return [...crypto.getRandomValues(new Uint8Array(bytes))].map(byte => byte.toString(16).padStart(2, '0')).join('')
}

export function newClient(): Client {
  const id = random(16)
  let count = 0
  return { id, nextMessageId: () => `${id}-${++count}` }
}

/** What nobody else says: it is found again among events of others. */
export function newMark(): string {
  return random(8)
}
