/** What the testing kit must refuse to compile. */
import { closes, refuses, scriptedPage, scriptedServer, sequence, virtualClock } from '../../src/testing/index.ts'

// @ts-expect-error: rolls are a list
virtualClock({ rolls: 0.5 })
// @ts-expect-error: a behaviour, not its maker
scriptedServer(refuses)
// @ts-expect-error: a sequence of nothing is no behaviour
sequence()
// @ts-expect-error: misspelt
closes({ after: 5 })

const server = scriptedServer()
// @ts-expect-error: a record is not for writing
server.dials.push()
// @ts-expect-error: a record is not for writing
server.latest.received.length = 0
// @ts-expect-error: a page says what a page can say
scriptedPage().say('beforeunload')
// @ts-expect-error: advance() takes ms
virtualClock().advance('1s')
