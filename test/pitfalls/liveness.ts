import { assert } from 'vitest'
import { accepts, answers, type Behaviour, goesSilent, resets, sequence } from '../../src/testing/index.ts'
import { journal, opened, type Proofs, times } from './proof.ts'
import type { Subject } from './subject.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** Any message, for whoever parses it. */
const CHATTER = '{"id":1,"result":{"data":1}}'

const pingsOf = ({
  pings = { ping: 'ping', pong: 'pong' },
}: Subject): { readonly ping: string; readonly pong: string } => pings

/** A proxy that cuts what is silent for a minute, before a server that answers pings. */
const cutsIdle =
  (idleMs: number, { ping, pong }: { readonly ping: string; readonly pong: string }): Behaviour =>
  connection => {
    let deadline = performance.now() + idleMs
    connection.accept()
    connection.heard(message => {
      deadline = performance.now() + idleMs
      if (message === ping) connection.send(pong)
    })
    const look = (): void => {
      if (performance.now() >= deadline) connection.reset()
      else connection.after(deadline - performance.now(), look)
    }
    connection.after(idleMs, look)
  }

export const liveness: Proofs = {
  'dials as soon as it has found a connection dead': async ({ open, subject, server, advance }) => {
    server.behaviour = sequence(goesSilent(), answers(pingsOf(subject)))
    open({ heartbeat: true })
    await advance(40_000)
    const dials = server.dials.length
    assert(dials === 2, `${times(dials, 'dial')} within 40 s of silence`)
  },

  'takes whatever it hears for life': async ({ open, subject, server, advance }) => {
    const { ping, pong } = pingsOf(subject)
    // The pong is behind three seconds of traffic.
    server.behaviour = connection => {
      connection.accept()
      connection.heard(message => {
        if (message !== ping) return
        for (let n = 1; n < 30; n++) connection.after(n * 100, () => connection.send(CHATTER))
        connection.after(3_000, () => connection.send(pong))
      })
    }
    open({ heartbeat: true })
    await advance(2 * MINUTE_MS)
    const dials = server.dials.length
    assert(dials === 1, `${times(dials, 'dial')} in two minutes on a link where something came every 100 ms`)
  },

  'draws the consequence when no ping is answered': async ({ open, subject, server, advance }) => {
    server.behaviour = sequence(goesSilent({ afterMs: 1_000 }), answers(pingsOf(subject)))
    const client = open({ heartbeat: true })
    await advance(3 * MINUTE_MS)
    const dials = server.dials.length
    assert(
      dials > 1,
      `readyState ${client.readyState} and ${times(dials, 'dial')} after three minutes without an answer`,
    )
  },

  'keeps a healthy connection when the browser says offline': async trial => {
    const client = await opened(trial)
    trial.page.online(false)
    await trial.advance(MINUTE_MS)
    assert(client.readyState === 1, `readyState was ${client.readyState} while the server answered`)
  },

  'keeps a healthy connection when the user comes back to the page': async trial => {
    trial.server.behaviour = answers()
    await opened(trial, { heartbeat: true })
    trial.page.visible(false)
    await trial.advance(MINUTE_MS)
    trial.page.visible(true)
    await trial.advance(MINUTE_MS)
    const dials = trial.server.dials.length
    assert(dials === 1, `${times(dials, 'dial')} where the first connection was healthy`)
  },

  'finds a dead link within 75 s in a hidden tab whose timers are throttled': async trial => {
    const { open, page, server, throttle, advance } = trial
    server.behaviour = answers()
    const client = open({ heartbeat: true })
    const seen = journal(client)
    await advance(1_000)
    page.visible(false)
    throttle()
    await advance(5 * MINUTE_MS)
    server.latest.goSilent()
    await advance(75_000)
    assert(
      seen.some(({ type }) => type === 'close'),
      `readyState was ${client.readyState} 75 s after the link had died`,
    )
  },

  'dials within half a second when a frozen page resumes without its connection': async trial => {
    const { page, server, advance } = trial
    await opened(trial)
    await advance(MINUTE_MS)
    page.frozen(true)
    await advance(MINUTE_MS)
    page.frozen(false)
    // What Chromium gives a page whose socket did not survive.
    server.latest.breakProtocol()
    await advance(550)
    const dials = server.dials.length
    assert(dials === 2, `${times(dials, 'dial')} half a second after the page was resumed`)
  },

  'does not say OPEN for minutes on a link that is dead': async ({ open, server, advance }) => {
    server.behaviour = sequence(goesSilent({ afterMs: 1_000 }), answers())
    const client = open({ heartbeat: true })
    await advance(2_000)
    client.send('an order')
    await advance(5 * MINUTE_MS)
    const dials = server.dials.length
    assert(dials > 1, `readyState ${client.readyState} and ${times(dials, 'dial')} five minutes after it died`)
  },

  'finds after a sleep that its connection is gone': async trial => {
    const { server, sleep, advance } = trial
    await opened(trial)
    server.latest.goSilent()
    sleep(HOUR_MS)
    await advance(30_000)
    const dials = server.dials.length
    assert(dials === 2, `${times(dials, 'dial')} half a minute after it woke up`)
  },

  'stays connected behind a proxy that cuts what is idle for a minute': async ({ open, subject, server, advance }) => {
    server.behaviour = cutsIdle(MINUTE_MS, pingsOf(subject))
    open({ heartbeat: true })
    await advance(10 * MINUTE_MS)
    const dials = server.dials.length
    assert(dials === 1, `${times(dials, 'dial')} in 10 minutes`)
  },

  'dials a server that is there, although the browser says offline': async ({ open, page, server, advance }) => {
    page.online(false)
    server.behaviour = sequence(resets({ afterMs: 1_000 }), accepts())
    const client = open()
    await advance(2 * MINUTE_MS)
    assert(client.readyState === 1, `${times(server.dials.length, 'dial')} in two minutes`)
  },
}
