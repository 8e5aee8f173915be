// The worker as a file, for pages whose policy allows none from a Blob. See source.ts, which says the same as text.
const timers: Map<number, ReturnType<typeof setTimeout>> = new Map()

globalThis.onmessage = ({ data: [id, ms] }: MessageEvent<readonly [id: number, ms?: number]>) => {
  clearTimeout(timers.get(id))
  timers.delete(id)
  if (ms === undefined) return
  const fire = (): void => {
    timers.delete(id)
    postMessage(id)
  }
  timers.set(id, setTimeout(fire, ms))
}

postMessage(0)

export {}
