/** Typed messages that must not compile. */
import { z } from 'zod'
import { ResilientWebSocket } from '../../src/index.ts'
import { typed } from '../../src/schema/index.ts'

const incoming = z.object({ id: z.number() })
const outgoing = z.object({ text: z.string() })
const socket = new ResilientWebSocket('/chat')
const chat = typed(socket, { incoming, outgoing })

// @ts-expect-error: not the shape of what is sent
chat.send({ id: 5 })
// @ts-expect-error: a field of another type
chat.send({ text: 5 })
// @ts-expect-error: text is not a message any more
chat.send('hello')
// @ts-expect-error: nothing
chat.send()
// @ts-expect-error: a misspelt option
chat.send({ text: 'hello' }, { volatil: true })
// @ts-expect-error: what arrives has no text
chat.on('message', ({ text }) => text)
// @ts-expect-error: a number is no text
chat.on('message', ({ id }) => id.trim())
// @ts-expect-error: an event of the socket, not of the channel
chat.on('open', () => {})
// @ts-expect-error: an invalid message has no value
chat.on('invalid', ({ id }) => id)
// @ts-expect-error: a native socket takes no options
typed(new WebSocket('wss://example.com'), { incoming, outgoing }).send({ text: 'hello' }, { volatile: true })
// @ts-expect-error: there is a schema for each direction
typed(socket, { incoming })
// @ts-expect-error: no schema
typed(socket, { incoming, outgoing: { text: 'string' } })
// @ts-expect-error: a number
typed(socket, { incoming, outgoing, version: '3' })
// @ts-expect-error: a function
typed(socket, { incoming, outgoing, parse: 'json' })
// @ts-expect-error: nothing that sends
typed({}, { incoming, outgoing })
// @ts-expect-error: the version is not for writing
chat.version = 4
