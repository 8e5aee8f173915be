// A server for one shared document, as small as it can be: https://github.com/yjs/y-protocols/blob/master/PROTOCOL.md
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness'
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector } from 'yjs'
import { type Server, serve } from './server.ts'
import type { Topic } from './topic.ts'

const SYNC = 0
const AWARENESS = 1
const STEP_1 = 0
const STEP_2 = 1
const UPDATE = 2

/** What is published is written into the document. */
export async function yjsServer(topic: Topic): Promise<Server> {
  const doc = new Doc()
  const awareness = new Awareness(doc)
  awareness.setLocalState(null)
  const leave = topic.hear(text => doc.getArray('texts').push([text]))
  return serve(listening => {
    const tellAll = (frame: Uint8Array): void => {
      for (const socket of listening.clients) socket.send(frame)
    }
    doc.on('update', (update: Uint8Array) => tellAll(frameOf([SYNC, UPDATE], update)))
    awareness.on('update', (changes: Record<string, readonly number[]>) => {
      tellAll(frameOf([AWARENESS], encodeAwarenessUpdate(awareness, Object.values(changes).flat())))
    })
    listening.on('close', () => {
      leave()
      awareness.destroy()
    })
    listening.on('connection', socket => {
      let present: number[] = []
      socket.on('message', frame => {
        if (!(frame instanceof Uint8Array)) return
        const [kind, step] = frame
        if (kind === AWARENESS) {
          const before = new Set(awareness.getStates().keys())
          applyAwarenessUpdate(awareness, payloadOf(frame.subarray(1)), socket)
          present = [...present, ...[...awareness.getStates().keys()].filter(client => !before.has(client))]
        } else if (step === STEP_1) {
          socket.send(frameOf([SYNC, STEP_2], encodeStateAsUpdate(doc, payloadOf(frame.subarray(2)))))
        } else {
          applyUpdate(doc, payloadOf(frame.subarray(2)), socket)
        }
      })
      socket.on('close', () => removeAwarenessStates(awareness, present, null))
      socket.send(frameOf([SYNC, STEP_1], encodeStateVector(doc)))
    })
  })
}

/** A length, in groups of seven bits, the lowest first. */
function length(value: number): readonly number[] {
  return value > 127 ? [(value & 127) | 128, ...length(value >>> 7)] : [value]
}

function frameOf(kind: readonly number[], payload: Uint8Array): Uint8Array {
  return Uint8Array.from([...kind, ...length(payload.length), ...payload])
}

/** What stands behind a length. */
function payloadOf(bytes: Uint8Array): Uint8Array {
  return bytes.slice(bytes.findIndex(byte => byte < 128) + 1)
}
