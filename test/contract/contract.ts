import { afterEach, describe, expect, inject, it } from 'vitest'
import { attributes } from './chapters/attributes.ts'
import { binaryType } from './chapters/binary-type.ts'
import { bufferedAmount } from './chapters/buffered-amount.ts'
import { closeArguments } from './chapters/close-arguments.ts'
import { closeCourse } from './chapters/close-course.ts'
import { dispatching } from './chapters/dispatching.ts'
import { engineDifferences } from './chapters/engine-differences.ts'
import { eventObjects } from './chapters/event-objects.ts'
import { eventOrder } from './chapters/event-order.ts'
import { failures } from './chapters/failures.ts'
import { handlerAttributes } from './chapters/handler-attributes.ts'
import { interfaceShape } from './chapters/interface-shape.ts'
import { listeners } from './chapters/listeners.ts'
import { otherRealms } from './chapters/other-realms.ts'
import { protocols } from './chapters/protocols.ts'
import { receive } from './chapters/receive.ts'
import { request } from './chapters/request.ts'
import { sendCourse } from './chapters/send-course.ts'
import { sendValues } from './chapters/send-values.ts'
import { serverCloses } from './chapters/server-closes.ts'
import { sideBySide } from './chapters/side-by-side.ts'
import { subclassing } from './chapters/subclassing.ts'
import { urlArgument } from './chapters/url-argument.ts'
import { urlParsing } from './chapters/url-parsing.ts'
import { expectationsOf } from './expected.ts'
import type { Implementation, Realms } from './implementation.ts'
import { forgetHeld } from './server.ts'
import { type Subject, subjectOf } from './subject.ts'

/** In this order, because Chromium delays a page's dials after many failed ones: chapters full of those come last. */
const chapters: Readonly<Record<string, (subject: Subject) => void>> = {
  receiving: receive,
  'the handshake': request,
  'the protocols argument': protocols,
  'the arguments of close()': closeArguments,
  'the course of close()': closeCourse,
  'what send() takes': sendValues,
  'when send() works': sendCourse,
  'waiting bytes': bufferedAmount,
  'the type of binary messages': binaryType,
  'a server that closes': serverCloses,
  'handler attributes': handlerAttributes,
  listeners: listeners,
  dispatchEvent: dispatching,
  'event objects': eventObjects,
  'the order of events': eventOrder,
  attributes: attributes,
  'the interface': interfaceShape,
  subclasses: subclassing,
  'sockets side by side': sideBySide,
  'other realms': otherRealms,
  'failed connections': failures,
  'where engines differ': engineDifferences,
  'the URL argument': urlArgument,
  'URL parsing': urlParsing,
}

/**
 * Registers every test of the WebSocket contract for one implementation. The tests are the same for all;
 * only `deviations.ts` and, for an engine, `differences.ts` may change what one of them expects.
 */
export function contract(implementation: Implementation, realms: Realms): void {
  const expectations = expectationsOf(implementation.name, inject('engine'))
  const { patienceMs } = implementation
  describe(implementation.name, patienceMs === undefined ? {} : { timeout: patienceMs }, () => {
    const subject = subjectOf(implementation, realms, expectations)
    afterEach(forgetHeld)
    for (const [name, chapter] of Object.entries(chapters)) describe(name, () => chapter(subject))

    it('uses every deviation that is listed for it, and every difference of the engine', () => {
      expect(expectations.unused()).toEqual([])
    })
  })
}
