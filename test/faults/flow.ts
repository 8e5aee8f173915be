// One direction of a proxied connection: bytes leave `source` and reach `sink`, or do not, depending on the weather.
import type { Socket } from 'node:net'

/** What happens to bytes that travel in one direction. */
export interface Weather {
  /** `pass` hands bytes on, `stall` leaves them unread in the kernel, `blackhole` reads them and throws them away. */
  readonly mode: 'pass' | 'stall' | 'blackhole'
  /** How long each chunk is held back, in milliseconds. */
  readonly delayMs: number
}

export const fairWeather: Weather = { mode: 'pass', delayMs: 0 }

export interface Flow {
  /** True once bytes or a FIN were swallowed: the stream has a hole, so nothing may follow on it. */
  readonly lost: boolean
  /** Bytes held back in this process; at most `maxBufferedBytes` and one chunk. */
  readonly bufferedBytes: number
  /** Tells the flow to look at the weather again. */
  refresh(): void
  /** Cancels the timer and forgets what is held back. */
  stop(): void
}

export interface FlowOptions {
  readonly weather: () => Weather
  readonly maxBufferedBytes: number
  /** Bytes after which `onQuota` is called; exactly so many have been written by then. */
  readonly quotaBytes: number
  readonly onQuota: () => void
  readonly onPassed: (bytes: number) => void
  readonly onSwallowed: (bytes: number) => void
  /** Something followed on a stream with a hole, in fair weather. */
  readonly onHole: () => void
}

/** A chunk on its way, or the FIN (`null`), which must not overtake the bytes before it. */
interface Parcel {
  readonly chunk: Buffer | null
  readonly dueAt: number
}

export function flow(source: Socket, sink: Socket, options: FlowOptions): Flow {
  const queue: Parcel[] = []
  let bufferedBytes = 0
  let passedBytes = 0
  let lost = false
  let blocked = false
  let stopped = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const swallow = (bytes: number): void => {
    lost = true
    options.onSwallowed(bytes)
  }

  const accept = (chunk: Buffer | null): void => {
    const weather = options.weather()
    const bytes = chunk?.length ?? 0
    if (stopped) return
    if (lost && weather.mode === 'pass') options.onHole()
    else if (lost || weather.mode === 'blackhole') swallow(bytes)
    else {
      bufferedBytes += bytes
      queue.push({ chunk, dueAt: performance.now() + weather.delayMs })
      pump()
    }
  }

  const hand = (chunk: Buffer | null): void => {
    if (chunk === null) {
      sink.end()
      return
    }
    const room = options.quotaBytes - passedBytes
    const part = chunk.length <= room ? chunk : chunk.subarray(0, room)
    passedBytes += part.length
    if (!sink.destroyed && sink.writable && !sink.write(part)) blocked = true
    options.onPassed(part.length)
    if (passedBytes >= options.quotaBytes) {
      stop()
      options.onQuota()
    }
  }

  const pump = (): void => {
    clearTimeout(timer)
    timer = undefined
    while (!stopped && !blocked && options.weather().mode === 'pass') {
      const parcel = queue[0]
      if (parcel === undefined) break
      const wait = parcel.dueAt - performance.now()
      if (wait > 0) {
        timer = setTimeout(pump, Math.ceil(wait))
        break
      }
      queue.shift()
      bufferedBytes -= parcel.chunk?.length ?? 0
      hand(parcel.chunk)
    }
    if (stopped || source.destroyed) return
    // Not reading is what bounds the memory here: the kernel's window closes and the sender feels it.
    const full = bufferedBytes >= options.maxBufferedBytes
    if (options.weather().mode === 'stall' || (full && !lost)) source.pause()
    else source.resume()
  }

  const refresh = (): void => {
    if (options.weather().mode === 'blackhole' && queue.length > 0) {
      const bytes = bufferedBytes
      queue.length = 0
      bufferedBytes = 0
      swallow(bytes)
    }
    pump()
  }

  const stop = (): void => {
    stopped = true
    clearTimeout(timer)
    queue.length = 0
    bufferedBytes = 0
  }

  source.on('data', accept)
  source.on('end', () => accept(null))
  sink.on('drain', () => {
    blocked = false
    pump()
  })

  return {
    get lost() {
      return lost
    },
    get bufferedBytes() {
      return bufferedBytes
    },
    refresh,
    stop,
  }
}
