/** Numbers by name: what one measurement found. */
export type Reading = Record<string, number>

/** The child's side: measures once for every word of the parent. */
export function lane(measure: () => Reading | Promise<Reading>): void {
  process.on('message', async () => {
    try {
      process.send?.({ reading: await measure() })
    } catch (cause) {
      process.send?.({ problem: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) })
    }
  })
  process.on('disconnect', () => process.exit())
  process.send?.({ reading: {} })
}

/** CPU nanoseconds per step of this process, garbage collection included. */
export async function cpuPer(steps: number, work: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1_000) / steps
}

/** A later task, as soon as there can be one. */
export const later = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Waits until every socket is open. */
export async function opened(...sockets: readonly { readonly readyState: number }[]): Promise<void> {
  const before = Date.now()
  while (sockets.some(socket => socket.readyState !== 1)) {
    if (Date.now() - before > 20_000) throw new Error('A socket did not open within 20 s.')
    await sleep(5)
  }
}
