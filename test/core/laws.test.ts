import { describe } from 'vitest'
import { slots } from './laws/1-slots.ts'
import { staleReports } from './laws/2-stale-reports.ts'
import { deadlines } from './laws/3-deadlines.ts'
import { attemptsAndGuard } from './laws/4-attempts-and-guard.ts'
import { terminalDecisions } from './laws/5-terminal-decisions.ts'
import { credentials } from './laws/6-credentials.ts'
import { policies } from './laws/7-policies.ts'
import { sameAgain } from './laws/8-replay.ts'
import { progress } from './laws/9-progress.ts'
import { silence } from './laws/10-silence.ts'
import { lookingUp } from './laws/11-looking-up.ts'

/** The laws at the head of src/core/transition.ts, one by one, over random walks. */

describe('law 1: one serves, one is on its way up, or one waits', slots)
describe('law 2: a report from a connection that is neither serving nor dialling changes nothing', staleReports)
describe('law 3: a deadline is a field of the slot that needs it', deadlines)
describe('law 4: attempts are forgotten by a stable connection, and the dial guard holds', attemptsAndGuard)
describe('law 5: a terminal decision dials nothing until the app asks', terminalDecisions)
describe('law 6: no dial with a credential that is known to be bad', credentials)
describe('law 7: policies are asked in one place each', policies)
describe('law 8: same inputs, same outputs', sameAgain)
describe('law 9: a tick that is due changes the state', progress)
describe('law 10: a connection dies of silence only when its heartbeat said so twice', silence)
describe('law 11: looking for a better transport costs the connection that serves nothing', lookingUp)
