import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { SERVER } from '../../scripts/protocol-docs/fields.ts'
import { RULES } from '../../src/conformance/rules.ts'
import { isServerFrame } from '../../src/session/frames.ts'
import { referenceServer } from './reference-server.ts'

const TEXT = readFileSync(fileURLToPath(new URL('../../docs/protocol.md', import.meta.url)), 'utf8')

/** Each rule of the document: its number, and what stands after it up to the next one. */
const STATED = TEXT.split(/^- \*\*\[(?=[RCH]\d+\]\*\*)/m)
  .slice(1)
  .map(part => ({ rule: part.slice(0, part.indexOf(']')), text: part.split(/\n\n|\n$/)[0] ?? '' }))
const ofServers = STATED.filter(({ rule }) => rule.startsWith('R'))

describe('the protocol document', () => {
  it('names for every rule that can be checked the check that does', () => {
    const checked = ofServers.flatMap(({ rule, text }) => {
      const [, check] = /\*\(check:\s+([\w-]+)\)\*/.exec(text) ?? []
      return check === undefined ? [] : [`${rule} ${check}`]
    })
    expect(checked.sort()).toEqual(RULES.map(({ rule, check }) => `${rule} ${check}`).sort())
  })

  it('says of every other rule for servers that it has none', () => {
    const silent = ofServers.filter(({ text }) => !/\*\((no check|part of the check|check:)/.test(text))
    expect(silent.map(({ rule }) => rule)).toEqual([])
  })

  it('gives no number twice', () => {
    const numbers = STATED.map(({ rule }) => rule)
    expect(numbers.filter((rule, index) => numbers.indexOf(rule) !== index)).toEqual([])
    expect(numbers.length).toBeGreaterThan(80)
  })

  it('requires the fields of a server that the guard of the client requires', () => {
    const samples: Readonly<Record<string, unknown>> = { string: 'x', number: 1, integer: 1, boolean: true, object: {} }
    for (const [t, { fields }] of Object.entries(SERVER)) {
      const whole = Object.fromEntries(Object.entries(fields).map(([name, [type]]) => [name, samples[type]]))
      expect(isServerFrame({ ...whole, t }), t).toBe(true)
      for (const [name, [type, presence]] of Object.entries(fields)) {
        const { [name]: _, ...rest } = whole
        expect(isServerFrame({ ...rest, t }), `${t} without ${name}`).toBe(presence === 'optional')
        if (type !== 'JSON')
          expect(isServerFrame({ ...whole, [name]: null, t }), `${t} with a wrong ${name}`).toBe(false)
        if (type === 'integer') expect(isServerFrame({ ...whole, [name]: -1, t }), `${t}: ${name} is -1`).toBe(false)
      }
    }
  })
})

/** The frames of one connection, as text, one by one. */
function reader(socket: WebSocket): () => Promise<string> {
  const came: string[] = []
  let wake = (): void => {}
  socket.on('message', raw => {
    came.push(String(raw).replace(/"now":\d+/, '"now":0'))
    wake()
  })
  socket.on('close', code => {
    came.push(`closed with ${code}`)
    wake()
  })
  return async () => {
    while (came.length === 0)
      await new Promise<void>(resolve => {
        wake = resolve
      })
    return came.shift() ?? ''
  }
}

describe('the conversation in the protocol document', () => {
  it('is what a server says', async () => {
    const [, block = ''] = /^## A conversation$.*?^```text\n(.*?)^```/ms.exec(TEXT) ?? []
    const lines = block.trimEnd().split('\n')
    expect(lines.length).toBeGreaterThan(20)
    const server = await referenceServer()
    const dial = async (): Promise<WebSocket> => {
      const socket = new WebSocket(server.url, 'holdfast.v1')
      await new Promise(resolve => socket.once('open', resolve))
      return socket
    }
    let socket = await dial()
    let next = reader(socket)
    for (const line of lines) {
      if (line.startsWith('> ')) socket.send(line.slice(2))
      else if (line.startsWith('< ')) expect(await next()).toBe(line.slice(2))
      else if (line.startsWith('closed')) expect(await next()).toBe(line)
      else {
        // It reached the server; what the server said to it did not come back.
        while (!(await next()).startsWith('{"t":"ok"'));
        socket.terminate()
        socket = await dial()
        next = reader(socket)
      }
    }
    server.close()
  })
})
