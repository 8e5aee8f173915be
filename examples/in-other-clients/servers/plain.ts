import { type Server, serve } from './server.ts'
import type { Topic } from './topic.ts'

/** Takes `{"subscribe":"text"}` and `{"unsubscribe":"text"}`, and sends what is published as `{"text":"…"}`. */
export function plainServer(topic: Topic): Promise<Server> {
  return serve(server => {
    server.on('connection', socket => {
      let leave = (): void => {}
      socket.on('message', frame => {
        leave()
        leave = () => {}
        if ('subscribe' in JSON.parse(`${frame}`)) leave = topic.hear(text => socket.send(JSON.stringify({ text })))
      })
      socket.on('close', () => leave())
    })
  })
}
