import { failureOf } from './conversation.ts'
import { EventStreamParser } from './event-stream-parser.ts'
import { BUFFERED, broken, type End, endOf, notOffered } from './http-end.ts'
import { Listening } from './listening.ts'

/** As long as a first dial: beyond that something keeps the stream back. */
const WELCOME_MS = 10_000
/** Networks delay what a server says on time. */
const SILENCE_MARGIN_MS = 2_000
/** The server's own ping is about to come, mostly, and a request is saved; and it leaves time to ask before the session gives up. */
const PING_PATIENCE_MS = 500
/** Topics come in bursts, and each would ask for the stream anew. */
const REOPEN_MS = 250
/** What a proxy lets through with `welcome` comes at once; what comes later shows that it keeps nothing back. */
const WITH_WELCOME_MS = 1_000
/** One may have died with the network; two in a row that said `welcome` and then nothing are kept back. */
const MUTE_STREAMS = 2
/** A stream that breaks is asked for again without a word, at most once in that time: one that is cut more often has failed. */
const RESUME_EVERY_MS = 3_000
/** Spread: what cuts one stream may have cut those of everybody. */
const RESUME_SPREAD_MS = 500
/** What was kept back comes in one piece, with the end behind it. */
const IN_ONE_PIECE_MS = 100
/** …and that late: a server that is slow does not end in the same instant. */
const KEPT_MS = 3_000
/** The server speaks at every heartbeat, and clocks differ a little. */
const PING_OWED = 0.9

/** A session whose server speaks over an event stream. */
export class SessionStream extends Listening {
  /** Ends the stream that is asked for, or read. */
  #stream: AbortController | null = null
  /** The stream that is read has said `welcome`. */
  #welcomedAt: number | null = null
  #openedAt = -Infinity
  #resumedAt = -Infinity
  #heardAt = 0
  /** To be asked for anew: it is due, or follows when the present one is there. */
  #anew: 'no' | 'due' | 'later' = 'no'
  #mute = 0
  #pinged = false
  #probedAt = -Infinity

  // ── what the conversation asks ──

  override stop(): void {
    super.stop()
    this.#stream?.abort()
  }

  begin(): void {
    void Promise.resolve().then(() => this.#open())
  }

  again(): void {
    if (this.#anew !== 'no') return
    if (this.#welcomedAt === null) this.#anew = 'later'
    else {
      this.#anew = 'due'
      this.later(Math.max(0, this.#openedAt + REOPEN_MS - this.now), () => this.#open())
    }
  }

  ping(): void {
    if (this.#pinged) return
    this.#pinged = true
    const askedAt = this.now
    this.later(PING_PATIENCE_MS, () => {
      this.#pinged = false
      if (this.talk.holding) this.talk.probe()
      else if (this.#heardAt >= askedAt) this.talk.alive()
      // One that is asked for answers by its welcome.
      else if (this.#welcomedAt !== null) this.#probe()
    })
  }

  /** Whether the server is there: only a stream says whether a stream gets through. */
  #probe(): void {
    const { heartbeatMs } = this.talk
    if (this.now - this.#heardAt >= PING_OWED * heartbeatMs) {
      this.#mute++
      if (this.#mute >= MUTE_STREAMS) this.#silent()
      else this.again()
    } else if (this.now - this.#probedAt >= heartbeatMs) {
      this.#probedAt = this.now
      this.again()
    } else this.talk.probe()
  }

  // ── the stream ──

  #open(): void {
    if (this.talk.over) return
    this.#stream?.abort()
    const stream = new AbortController()
    this.#stream = stream
    this.#anew = 'no'
    this.#welcomedAt = null
    this.#openedAt = this.now
    void this.#read(stream.signal).then(end => {
      if (end && !stream.signal.aborted) this.#broke(end)
    })
  }

  /** A stream that had begun goes on where it was, as after a proxy's idle timeout; one that does not come again has failed. */
  #broke(end: End): void {
    const now = this.now
    const welcomedAt = this.#welcomedAt ?? now
    const lived = now - welcomedAt
    if (end.erred || lived < WITH_WELCOME_MS || now - this.#resumedAt < RESUME_EVERY_MS) {
      const kept = this.#welcomedAt !== null && lived < IN_ONE_PIECE_MS && welcomedAt - this.#openedAt > KEPT_MS
      this.talk.fail(kept ? broken(`${BUFFERED}: the welcome came with the end`) : end)
      return
    }
    this.#stream?.abort()
    this.#welcomedAt = null
    this.#resumedAt = now
    if (this.#anew !== 'due') this.later(this.talk.clock.roll() * RESUME_SPREAD_MS, () => this.#open())
    this.#anew = 'due'
  }

  /** Reads one stream to its end. */
  async #read(signal: AbortSignal): Promise<End | null> {
    const talk = this.talk
    this.later(WELCOME_MS, () => {
      if (signal.aborted || this.#welcomedAt !== null) return
      const seconds = WELCOME_MS / 1_000
      talk.fail(
        answered
          ? broken(`${BUFFERED}: no welcome within ${seconds} s`, true)
          : broken(`no answer within ${seconds} s`, true),
      )
    })
    let answered = false
    try {
      const response = await talk.post('stream', talk.question(), signal)
      answered = true
      if (signal.aborted) return null
      if (!response.ok) return endOf(response)
      const type = response.headers.get('content-type') ?? 'nothing'
      if (!type.startsWith('text/event-stream')) return notOffered(`${type.slice(0, 40)} instead of an event stream`)
      if (!response.body) return notOffered('this `fetch` gives no streams')
      await this.#follow(response.body.getReader(), signal)
      return broken('the stream ended', !talk.welcomed)
    } catch (cause) {
      return failureOf(cause, talk.welcomed)
    }
  }

  async #follow(reader: ReadableStreamDefaultReader<Uint8Array>, signal: AbortSignal): Promise<void> {
    let frames: string[] = []
    const parser = new EventStreamParser({ event: ({ data }) => frames.push(data) })
    for (let piece = await reader.read(); !piece.done && !signal.aborted; piece = await reader.read()) {
      this.#hear()
      parser.feed(piece.value)
      for (const frame of frames) {
        if (!this.talk.room) await this.#hold(signal)
        if (signal.aborted) return
        if (this.talk.take(frame) === 'welcome' && this.#welcomedAt === null) this.#welcome(signal)
        if (signal.aborted) return
      }
      frames = []
    }
  }

  #hear(): void {
    this.#heardAt = this.now
    if (this.#welcomedAt !== null && this.now - this.#welcomedAt >= WITH_WELCOME_MS) this.#mute = 0
  }

  /** The first frame of a stream was taken. */
  #welcome(signal: AbortSignal): void {
    this.#welcomedAt = this.now
    this.#watch(signal)
    if (this.#anew === 'later') {
      this.#anew = 'no'
      this.again()
    }
  }

  async #hold(signal: AbortSignal): Promise<void> {
    await this.talk.hold()
    if (!signal.aborted) this.#heardAt = this.now
  }

  /** Looks whether the stream is still heard. */
  #watch(signal: AbortSignal): void {
    const most = 2 * this.talk.heartbeatMs + SILENCE_MARGIN_MS
    const left = this.#heardAt + most - this.now
    if (left <= 0 && !this.talk.holding) this.#silent()
    else {
      this.later(left > 0 ? left : most, () => {
        if (!signal.aborted) this.#watch(signal)
      })
    }
  }

  /** What came with `welcome` arrived and nothing after: it is kept back. Else nobody knows. */
  #silent(): void {
    const mute = this.#welcomedAt !== null && this.#heardAt - this.#welcomedAt < WITH_WELCOME_MS
    const seconds = Math.round((this.now - this.#heardAt) / 1_000)
    this.talk.fail(broken(`${mute ? BUFFERED : 'silent'}: nothing for ${seconds} s`))
  }
}
