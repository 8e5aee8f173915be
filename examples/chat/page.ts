// The page: shows what the chat tells, and tells it what the user does.
import { type AuthProvider, ResilientError } from 'holdfast'
import { describe, log } from 'holdfast/observe'
import { type Chat, chat, type Room, type Saying } from './chat.ts'

function find<T extends HTMLElement>(id: string, kind: new () => T): T {
  const element = document.getElementById(id)
  if (element instanceof kind) return element
  throw new Error(`The page has no #${id}.`)
}

const status = find('status', HTMLElement)
const retry = find('retry', HTMLButtonElement)
const roomName = find('room', HTMLSelectElement)
const people = find('people', HTMLElement)
const lines = find('lines', HTMLOListElement)
const waiting = find('waiting', HTMLUListElement)
const typing = find('typing', HTMLElement)
const text = find('text', HTMLInputElement)

/** At most one typing frame in this time; and how long the others show it, with a little to spare. */
const TYPING_EVERY_MS = 3_000
const TYPING_SHOWN_MS = 4_000

/** Signing in is a POST here. A real one would redeem a refresh token, and answer `null` when that is gone. */
const signInAs =
  (name: string): AuthProvider =>
  async ({ signal }) => {
    const response = await fetch('/session', { method: 'POST', body: name, signal })
    if (!response.ok) throw new Error(`Signing in failed: ${response.status}.`)
    return response.json()
  }

function element(tag: string, ...content: readonly (string | Node)[]): HTMLElement {
  const made = document.createElement(tag)
  made.append(...content)
  return made
}

function start(name: string): void {
  const client = chat({
    url: new URL('/chat', location.href).href,
    signIn: signInAs(name),
    options: { watch: log() },
  })
  const { socket } = client
  const show = (): void => {
    status.textContent = describe(socket.status)
    retry.hidden = socket.status.nextRetryAt === null && socket.status.state !== 'closed'
  }
  socket.on('status', show)
  // The countdown.
  setInterval(show, 1_000)
  retry.addEventListener('click', () => socket.retryNow())
  socket.on('problem', problem => console.warn(problem))
  show()
  room(client)
}

function room(client: Chat): void {
  let sayings: readonly (readonly [text: string, saying: Saying])[] = []
  let here: Room | undefined
  let typedAt = -Infinity
  let typingShown: ReturnType<typeof setTimeout> | undefined

  /** What is not said yet; what waits for a connection can be taken back. */
  const showWaiting = (): void => {
    sayings = sayings.filter(([, { state }]) => state !== 'said' && state !== 'cancelled')
    waiting.replaceChildren(
      ...sayings.map(([said, saying]) => {
        const words: Partial<Record<string, string>> = {
          queued: 'waits',
          sent: 'on its way',
          expired: 'waited too long',
          dropped: 'was not sent',
        }
        const { state } = saying
        const item = element('li', `${said} (${words[state] ?? state})`)
        if (state !== 'queued') return item
        const back = element('button', 'Take back')
        back.addEventListener('click', () => {
          saying.cancel()
          showWaiting()
        })
        item.append(back)
        return item
      }),
    )
  }

  const enter = (): void => {
    here?.leave()
    sayings = []
    lines.replaceChildren()
    people.textContent = ''
    typing.textContent = ''
    here = client.enter(roomName.value, {
      line({ from, text, at }) {
        const time = element('small', ` ${new Date(at).toLocaleTimeString()}`)
        lines.append(element('li', element('b', from), text, time))
        lines.lastElementChild?.scrollIntoView({ block: 'nearest' })
        typing.textContent = ''
        showWaiting()
      },
      people(names) {
        people.textContent = `Here: ${names.join(', ')}`
      },
      typing(name) {
        typing.textContent = `${name} is typing…`
        clearTimeout(typingShown)
        typingShown = setTimeout(() => {
          typing.textContent = ''
        }, TYPING_SHOWN_MS)
      },
    })
    showWaiting()
  }

  roomName.addEventListener('change', enter)
  client.socket.on('status', showWaiting)
  client.socket.on('discard', showWaiting)
  text.addEventListener('input', () => {
    if (performance.now() - typedAt < TYPING_EVERY_MS) return
    typedAt = performance.now()
    here?.typing()
  })
  find('say', HTMLFormElement).addEventListener('submit', event => {
    event.preventDefault()
    if (!here) return
    try {
      sayings = [...sayings, [text.value, here.say(text.value)]]
    } catch (error) {
      if (!(error instanceof ResilientError)) throw error
      status.textContent = 'Too much is waiting to be said already.'
      return
    }
    text.value = ''
    showWaiting()
  })
  enter()
}

find('sign-in', HTMLFormElement).addEventListener('submit', event => {
  event.preventDefault()
  find('sign-in', HTMLElement).hidden = true
  find('chat', HTMLElement).hidden = false
  start(find('name', HTMLInputElement).value)
  text.focus()
})
