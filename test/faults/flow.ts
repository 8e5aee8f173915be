// One direction of a proxied connection: bytes leave `source` and reach `sink`, or do not, depending on the weather.
import type { Socket } from 'node:net'
import { mulberry32 } from '../../src/testing/seeded.ts'
import { lateness, type Weather } from './weather.ts'

export interface Flow {
  /** True once bytes or a FIN were swallowed: the stream has a hole, so nothing may follow on it. */
  readonly lost: boolean
  /** Bytes held back in this process; at most `maxBufferedBytes` (one second of a slow line, if that is less) and one chunk. */
  readonly bufferedBytes: number
  /** Tells the flow to look at the weather again. */
  refresh(): void
  /** Cancels the timer and forgets what is held back. */
  stop(): void
}

export interface FlowOptions {
  readonly weather: () => Weather
  readonly maxBufferedBytes: number
  /** Sets the draws of this flow apart from those of others under the same weather, whoever speaks first. */
  readonly number: number
  /** Bytes after which `onQuota` is called; exactly so many have been written by then. */
  readonly quota: () => number
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

/** A slow line hands on what it carries in so many milliseconds at a time: a trickle, and no timer for every byte. */
const pieceMs = 20

export function flow(source: Socket, sink: Socket, options: FlowOptions): Flow {
  const queue: Parcel[] = []
  let bufferedBytes = 0
  let passedBytes = 0
  let lost = false
  let blocked = false
  let stopped = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let seed: number | null = null
  let chance = mulberry32(0)
  /** When the line has carried what was handed to it. */
  let lineFreeAt = 0
  /** The queue has not been empty since `lineFreeAt` was set: a late timer then costs the line nothing. */
  let backlogged = false

  const swallow = (bytes: number): void => {
    lost = true
    options.onSwallowed(bytes)
  }

  const arrival = (weather: Weather): number => {
    if (seed !== weather.seed) {
      seed = weather.seed
      chance = mulberry32(seed + options.number)
    }
    return performance.now() + lateness(weather, chance)
  }

  const accept = (chunk: Buffer | null): void => {
    const weather = options.weather()
    const bytes = chunk?.length ?? 0
    if (stopped) return
    if (lost && weather.mode === 'pass') options.onHole()
    else if (lost || weather.mode === 'blackhole') swallow(bytes)
    else {
      bufferedBytes += bytes
      queue.push({ chunk, dueAt: arrival(weather) })
      pump()
    }
  }

  const hand = (chunk: Buffer | null): void => {
    if (chunk === null) {
      sink.end()
      return
    }
    const quotaBytes = options.quota()
    const room = quotaBytes - passedBytes
    const part = chunk.length <= room ? chunk : chunk.subarray(0, room)
    passedBytes += part.length
    if (!sink.destroyed && sink.writable && !sink.write(part)) blocked = true
    options.onPassed(part.length)
    if (passedBytes >= quotaBytes) {
      stop()
      options.onQuota()
    }
  }

  /** Takes from the head of the queue what the line carries at once. */
  const take = ({ chunk, dueAt }: Parcel, now: number): Buffer | null => {
    const { bytesPerSecond } = options.weather()
    const most = Math.max(1, Math.floor((bytesPerSecond * pieceMs) / 1000))
    const piece = chunk === null || chunk.length <= most ? chunk : chunk.subarray(0, most)
    if (chunk === null || piece === null || piece.length === chunk.length) queue.shift()
    else queue[0] = { chunk: chunk.subarray(piece.length), dueAt }
    const bytes = piece?.length ?? 0
    bufferedBytes -= bytes
    const from = Math.max(lineFreeAt, backlogged ? dueAt : now)
    lineFreeAt = bytesPerSecond === Infinity ? 0 : from + (bytes * 1000) / bytesPerSecond
    return piece
  }

  const pump = (): void => {
    clearTimeout(timer)
    timer = undefined
    while (!stopped && !blocked && options.weather().mode === 'pass') {
      const parcel = queue[0]
      if (parcel === undefined) break
      const { bytesPerSecond } = options.weather()
      const now = performance.now()
      const wait = Math.max(parcel.dueAt, bytesPerSecond === Infinity ? 0 : lineFreeAt) - now
      if (wait > 0) {
        timer = setTimeout(pump, Math.ceil(wait))
        break
      }
      const piece = take(parcel, now)
      backlogged = queue.length > 0
      hand(piece)
    }
    // What waits for something else than the line earns no credit on it.
    if (timer === undefined) backlogged = false
    if (stopped || source.destroyed) return
    // Not reading is what bounds the memory here: the kernel's window closes and the sender feels it.
    const { mode, bytesPerSecond } = options.weather()
    const full = bufferedBytes >= Math.min(options.maxBufferedBytes, bytesPerSecond)
    if (mode === 'stall' || (full && !lost)) source.pause()
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
