// One handshake by hand: what a proxy answers to it.
import { request } from 'node:http'
import type { RunningProxy } from './running.ts'

const usual = {
  connection: 'upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'aG9sZGZhc3QgdGVzdGluZw==',
}

/** The status with which a request is answered; an upgrade, unless other headers are given. */
export function statusFrom(
  { port }: RunningProxy,
  headers: Readonly<Record<string, string>> = usual,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, headers, agent: false }, response => {
      response.resume()
      resolve(response.statusCode)
    })
    asked.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve(response.statusCode)
    })
    asked.on('error', reject)
    asked.end()
  })
}
