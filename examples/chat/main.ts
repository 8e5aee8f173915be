// Starts the chat and prints where it is: `node --import tsx examples/chat/main.ts [port]`
import { chatServer } from './server.ts'

const port = Number(process.argv[2] ?? 4790)
const server = await chatServer({ port })
console.log(
  `The chat is at ${server.url}\nOpen it in two windows. Ctrl+C stops it; start it again and watch them come back.`,
)

process.once('SIGINT', () => server.stop().then(() => process.exit(0)))
