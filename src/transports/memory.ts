/** What a transport remembers of each socket, from one dial to the next. */
export class Memory<T> {
  readonly #all = new WeakMap<object, Map<string, T>>()
  readonly #make: () => T

  constructor(make: () => T) {
    this.#make = make
  }

  /** Of that socket, at that address. Where nobody says which socket it is, they share one. */
  of(socket: object = this, url = ''): T {
    const urls = this.#all.get(socket) ?? new Map<string, T>()
    this.#all.set(socket, urls)
    const known = urls.get(url) ?? this.#make()
    urls.set(url, known)
    return known
  }
}
