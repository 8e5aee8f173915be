import { describe, expect, it } from 'vitest'
import { accepts, answers, roundTrip } from '../server.ts'
import type { Dialling, Subject } from '../subject.ts'
import { journal, next, outcome } from '../waiting.ts'

/**
 * Points on which engines and the standard do not agree, so the engine at hand is the measure: an app must find
 * here what the platform's own class does in the same browser.
 */
export function engineDifferences({ platform, ...subject }: Subject): void {
  async function sameAsPlatform(scenario: (dialling: Dialling) => Promise<unknown>): Promise<void> {
    expect(await scenario(subject)).toEqual(await scenario(platform))
  }
  const call = (socket: WebSocket, ...args: readonly unknown[]) => Reflect.apply(socket.close, socket, args)

  describe('close() in this engine', () => {
    // [WebIDL §3.2.4.9] rounds a clamped value to the nearest, ties to even. Chromium 156 drops the fraction.
    for (const code of [999.5, 999.6, 1000.5, 1000.6, 2999.5, 3001.5, 4999.5, 4999.9]) {
      it(`treats the code ${code} as it does everywhere`, async () => {
        await sameAsPlatform(async ({ opened }) => {
          const place = accepts()
          const socket = await opened(place)
          const result = outcome(() => socket.close(code))
          socket.close()
          return [result, (await place.ended())[0]?.close]
        })
      })
    }

    // [WHATWG WebSockets §3.1] sends 1000 when only the reason is given. Chromium 156 takes the code for 0.
    for (const reason of ['done', '', null, 'x'.repeat(124)]) {
      it(`treats a reason without a code as it does everywhere: ${String(reason).slice(0, 9)}`, async () => {
        await sameAsPlatform(async ({ opened }) => {
          const place = accepts()
          const socket = await opened(place)
          const result = outcome(() => call(socket, undefined, reason))
          socket.close()
          return [result, (await place.ended())[0]?.close]
        })
      })

      it(`treats a reason without a code as it does everywhere once closed: ${String(reason).slice(0, 9)}`, async () => {
        await sameAsPlatform(async ({ opened }) => {
          const socket = await opened(accepts())
          socket.close()
          await next(socket, 'close')
          return outcome(() => call(socket, undefined, reason))
        })
      })
    }
  })

  describe('the constructor in this engine', () => {
    // [WHATWG URL §3.5] forbids a space in a host. Chromium 156 lets it pass.
    for (const url of [
      'ws://a b.localhost:1/',
      'ws://a_b.localhost:1/',
      'ws://localhost:1/|^`{}',
      "ws://localhost:1/?'",
    ]) {
      it(`treats ${url} as it does everywhere`, async () => {
        await sameAsPlatform(async ({ construct }) => {
          let socket: WebSocket | undefined
          const result = outcome(() => {
            socket = construct([url])
          })
          return [result, socket?.url]
        })
      })
    }

    // [Fetch §2.9] blocks these ports; engines differ in whether the constructor throws.
    for (const port of [1, 22, 25, 6000, 6667, 10080]) {
      it(`treats the blocked port ${port} as it does everywhere`, async () => {
        await sameAsPlatform(async ({ construct }) => {
          const seen: { socket?: WebSocket } = {}
          const result = outcome(() => {
            seen.socket = construct([`ws://127.0.0.1:${port}/`])
          })
          if (!seen.socket) return result
          const events = journal(seen.socket)
          // WebKit fires no close behind it.
          await next(seen.socket, 'error')
          await roundTrip()
          return [result, events.slice(0, 2)]
        })
      })
    }
  })

  describe('send() in this engine', () => {
    // [WebIDL §3.2.25] refuses resizable and shared buffers unless an interface asks for them.
    const shared = () => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer
    const resizable = () => Reflect.construct(ArrayBuffer, [4, { maxByteLength: 8 }]) as ArrayBuffer
    for (const [what, value] of [
      ['a resizable buffer', resizable],
      ['a view of a resizable buffer', () => new Uint8Array(resizable())],
      ['a shared buffer', shared],
      ['a view of a shared buffer', () => new Uint8Array(shared(), 0, 4)],
      ['a DataView of a shared buffer', () => new DataView(shared(), 0, 4)],
    ] as const) {
      it(`treats ${what} as it does everywhere`, async () => {
        await sameAsPlatform(async ({ opened }) => {
          const place = accepts()
          const socket = await opened(place)
          const result = outcome(() => Reflect.apply(socket.send, socket, [value()]))
          const { bufferedAmount } = socket
          socket.close()
          return [result, bufferedAmount, (await place.ended())[0]?.messages]
        })
      })

      it(`treats ${what} as it does everywhere once closed`, async () => {
        await sameAsPlatform(async ({ opened }) => {
          const socket = await opened(accepts())
          socket.close()
          await next(socket, 'close')
          const result = outcome(() => Reflect.apply(socket.send, socket, [value()]))
          return [result, socket.bufferedAmount]
        })
      })
    }
  })

  describe('listeners in this engine', () => {
    // [DOM §2.9] calls listeners of the capture phase first. Chromium 156 does so for nodes only.
    it('are called in the order they are called everywhere', async () => {
      await sameAsPlatform(async ({ dial }) => {
        const socket = dial(accepts())
        const order: string[] = []
        socket.addEventListener('ping', () => order.push('target'))
        socket.addEventListener('ping', () => order.push('capture'), true)
        socket.dispatchEvent(new Event('ping'))
        return order
      })
    })
  })

  describe('frames in this engine', () => {
    for (const [what, hex] of [
      ['a message after the close frame', '880203e8810161'],
      ['a close frame with the code 1004', '880203ec'],
      ['a close frame with the code 1016', '880203f8'],
      ['a close frame with the code 2999', '88020bb7'],
    ] as const) {
      it(`means what it does everywhere: ${what}`, async () => {
        await sameAsPlatform(async ({ opened }) => {
          const place = accepts()
          const socket = await opened(place)
          const events = journal(socket)
          const closed = next(socket, 'close')
          await place.bytes(hex)
          const { code, wasClean } = await closed
          return [events.slice(0, 2), code, wasClean]
        })
      })
    }

    it('means what it does everywhere: an answer to close() with another code', async () => {
      await sameAsPlatform(async ({ opened }) => {
        const socket = await opened(answers(4321))
        socket.close(3000)
        const { code, wasClean } = await next(socket, 'close')
        return [code, wasClean]
      })
    })
  })
}
