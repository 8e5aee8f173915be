import { PAYLOADS } from './payloads.ts'
import type { Open } from './subjects/subject.ts'

/** What a page of the Chromium measurement does: `burst(n)` asks the server for n messages and waits for the last. */
export function page(open: Open): void {
  let bytes = 0
  let left = 0
  let done: () => void = () => {}
  const socket = open(`ws://${location.host}/`, event => {
    bytes += event.data.length
    if (--left === 0) done()
  })
  const burst = (messages: number): Promise<number> =>
    new Promise(resolve => {
      bytes = 0
      left = messages
      done = () => resolve(bytes)
      socket.send(`${messages}`)
    })
  const opened = async (): Promise<void> => {
    while (socket.readyState !== 1) await new Promise(resolve => setTimeout(resolve, 10))
  }
  Object.assign(globalThis, { burst, opened, payloads: PAYLOADS.length })
}
