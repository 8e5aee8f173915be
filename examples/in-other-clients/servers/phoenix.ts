// A channel endpoint as small as it can be. Messages are `[join_ref, ref, topic, event, payload]` (serializer 2.0.0).
import { type Server, serve } from './server.ts'
import type { Topic } from './topic.ts'

type Ref = string | null
type Message = readonly [joinRef: Ref, ref: Ref, topic: string, event: string, payload: unknown]

/** Anybody may join any topic, and then hears what is published as the event `text`. */
export function phoenixServer(topic: Topic): Promise<Server> {
  return serve(server => {
    server.on('connection', socket => {
      const channels = new Map<string, () => void>()
      const send = (message: Message): void => socket.send(JSON.stringify(message))
      socket.on('message', frame => {
        const [joinRef, ref, name, event]: Message = JSON.parse(`${frame}`)
        channels.get(name)?.()
        if (event === 'phx_join') {
          channels.set(
            name,
            topic.hear(text => send([joinRef, null, name, 'text', { text }])),
          )
        }
        send([joinRef, ref, name, 'phx_reply', { status: 'ok', response: {} }])
      })
      socket.on('close', () => {
        for (const leave of channels.values()) leave()
      })
    })
  })
}
