import { AnswerDeadline } from './answer-deadline.ts'
import { failureOf } from './conversation.ts'
import { broken, type End, endOf, notOffered } from './http-end.ts'
import { Listening } from './listening.ts'
import { linesOf } from './ndjson.ts'
import { frameOf } from './session-frames.ts'

/** Less than the 30 s and 60 s that proxies wait. */
const POLL_HOLD_MS = 25_000
/** A poll that was held that long and came to nothing was cut by something in between that waits no longer: it is asked again without a word. */
const CUT_FROM_MS = 2_000
/** A proxy that answered for the server says how long it waits: the next polls are held for this part of it. */
const CUT_SHARE = 0.8
/** Spread: what cut one poll may have cut those of everybody. */
const CUT_SPREAD_MS = 500
/** Beyond the time that the server may hold it, an answer takes as long as a first dial. */
const POLL_ANSWER_MS = 10_000
/** A server, or something before it, that answers at once with nothing must not be asked in a loop. */
const EMPTY_POLL_MS = 1_000
/** Topics come in bursts, and each would break off a poll. */
const POLL_AGAIN_MS = 250
/** A session that has heard nothing for that long asks because it is time, and not because it doubts. */
const PING_DUE = 0.9

/** A session whose server answers questions, and takes its time with the answer. */
export class SessionPolling extends Listening {
  /** Ends the poll that is out. */
  #poll: AbortController | null = null
  #askedAt = -Infinity
  /** How long the server may hold the next poll: not at all where something has to be answered. */
  #hold = 0
  /** The longest that it may hold one. */
  #most = POLL_HOLD_MS
  #due = false
  /** The poll that is out was asked with what is wanted now. */
  #fresh = false

  // ── what the conversation asks ──

  begin(): void {
    void Promise.resolve().then(() => this.#run())
  }

  /** What is asked for changed: the poll that is out is asked anew, once it has said `welcome` for the first time. */
  again(): void {
    this.#hold = 0
    this.#fresh = false
    if (this.#due || !this.talk.welcomed) return
    this.#due = true
    this.later(Math.max(0, this.#askedAt + POLL_AGAIN_MS - this.now), () => {
      this.#due = false
      if (!this.#fresh) this.#poll?.abort()
    })
  }

  /** A poll that is out and not late is an answer; but who asks before it is due has a reason. */
  ping(): void {
    const { passedAt, heartbeatMs, holding } = this.talk
    if (holding) this.talk.probe()
    else if (this.#poll && this.now - passedAt < PING_DUE * heartbeatMs) this.again()
    else this.later(0, () => this.talk.alive())
  }

  override stop(): void {
    super.stop()
    this.#poll?.abort()
  }

  // ── the polls ──

  async #run(): Promise<void> {
    const talk = this.talk
    while (!talk.over) {
      const { passed } = talk
      const waitMs = this.#hold
      this.#hold = this.#most
      const end = await this.#ask(waitMs)
      if (typeof end !== 'string') talk.fail(end)
      if (talk.over) return
      if (end === 'cut') {
        // What comes at once says whether the server is there.
        this.#hold = 0
        await this.#pause(talk.clock.roll() * CUT_SPREAD_MS)
      }
      if (end === 'answered' && waitMs && talk.passed === passed) {
        // An answer without news is one all the same.
        talk.alive()
        await this.#pause(this.#askedAt + EMPTY_POLL_MS - this.now)
      }
      if (!talk.room) await talk.hold()
    }
  }

  async #pause(ms: number): Promise<void> {
    if (ms > 0) await new Promise<void>(resolve => this.later(ms, resolve))
  }

  /** The poll that is out was held, and came to nothing. */
  #isCut(waitMs: number): boolean {
    return this.talk.welcomed && waitMs > 0 && this.now - this.#askedAt >= CUT_FROM_MS
  }

  /** One poll. */
  async #ask(waitMs: number): Promise<End | 'answered' | 'aborted' | 'cut'> {
    const talk = this.talk
    const poll = new AbortController()
    const deadline = new AnswerDeadline(talk.clock, waitMs + POLL_ANSWER_MS, () => poll.abort())
    this.#poll = poll
    this.#fresh = true
    this.#askedAt = this.now
    try {
      const response = await talk.post('poll', talk.question({ waitMs }), poll.signal)
      if (response.status === 204) return 'answered'
      // Nobody has answered the proxy in time [RFC 9110 §15.6.5].
      if (response.status === 504 && this.#isCut(waitMs)) {
        this.#most = (this.now - this.#askedAt) * CUT_SHARE
        await response.body?.cancel()
        return 'cut'
      }
      return await this.#take(response, deadline, poll.signal)
    } catch (cause) {
      if (deadline.late) return broken(`no answer within ${(waitMs + POLL_ANSWER_MS) / 1_000} s`, !talk.welcomed)
      if (poll.signal.aborted) return 'aborted'
      const end = failureOf(cause, talk.welcomed)
      return !end.erred && this.#isCut(waitMs) ? 'cut' : end
    } finally {
      this.#poll = null
      deadline.end()
    }
  }

  async #take(
    response: Response,
    deadline: AnswerDeadline,
    signal: AbortSignal,
  ): Promise<End | 'answered' | 'aborted'> {
    const talk = this.talk
    for await (const line of linesOf(response, () => deadline.heard())) {
      if (!talk.room) await deadline.except(talk.hold())
      if (signal.aborted) return 'aborted'
      // What stands before the server may say its own.
      if (response.ok || frameOf(line)) talk.take(line)
      if (talk.over) return 'answered'
    }
    if (!response.ok) return endOf(response)
    return talk.welcomed ? 'answered' : notOffered('an answer without `welcome`')
  }
}
