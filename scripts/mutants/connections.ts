import { mutantsOf } from './mutant.ts'

/** How connections come up and end, and what is told of it: a little wrong. */
export const connections = [
  ...mutantsOf('dialling.ts', [
    [
      'const tells = over !== undefined && (transport > 0 || (serving?.transport ?? 0) > 0)',
      'const tells = over !== undefined',
      'effect serve: the preferred transport goes without saying',
    ],
    [
      'const tells = over !== undefined && (transport > 0 || (serving?.transport ?? 0) > 0)',
      'const tells = over !== undefined && transport > 0',
      'effect serve: back on the preferred transport is told',
    ],
    ['retry.failingSince = null', '', 'a stable connection ends the outage'],
    [
      'after.retry.dials = after.retry.dials.slice(0, -1).concat(now)',
      '',
      'a dial counts from when it is made, not from when its target was asked for',
    ],
    ['return instant < Infinity ? instant : null', 'return instant', 'law 8: no Infinity in a state'],
    [
      'return instantOrNever(now + Math.max(grown, connectTimeoutMs))',
      'return instantOrNever(now + grown)',
      'a connect timeout above the cap',
    ],
    [
      'const number = ++after.connections',
      'const number = after.connections || ++after.connections',
      'law 2: every connection has its own number',
    ],
    [".padStart(4, '0')", '', 'connection ids of four digits'],
    [
      "const transport = after.retry[purpose === 'promote' ? 'better' : 'transport']",
      'const { transport } = after.retry',
      'a promotion tries the preferred transport',
    ],
    [
      "else effects.push({ type: 'authorize', number })",
      "else effects.push({ type: 'authorize', number }, { type: 'authorize', number })",
      'law 6: one refresh at a time',
    ],
    [
      'after.retry.dials = after.retry.dials.slice(1 - GUARD_DIALS).concat(now)',
      'after.retry.dials = after.retry.dials.concat(now)',
      'law 4: the guard counts the last dials',
    ],
    ["effects.push({ type: 'dial', number: dial.number })", '', 'effect dial'],
    ['attempt: retry.attempt,', 'attempt: 0,', 'effect serve: attempt'],
    ['reconnected: session.everOpen,', 'reconnected: true,', 'effect serve: reconnected'],
    ['handover: serving !== null,', 'handover: false,', 'effect serve: handover'],
    ['retire(t, serving)', '', 'law 1: a replaced connection is retired'],
    [
      'after.dial = after.wait = after.down = after.cause = null',
      'after.dial = after.wait = after.cause = null',
      'down is cleared by a connection',
    ],
    [
      'after.dial = after.wait = after.down = after.cause = null',
      'after.dial = after.wait = after.down = null',
      'the cause is cleared by a connection',
    ],
    ['retry.transport = transport', '', 'a promotion that succeeds is kept'],
    ['session.everOpen = true', '', 'connecting until the first connection'],
    [
      'retry.attempt = retry.previousMs = session.refusals = 0',
      'retry.attempt = retry.previousMs = 0',
      'law 6: a stable connection forgives refusals',
    ],
    ['after.wait = after.renewal = null', 'after.renewal = null', 'law 1: dial and wait exclude each other'],
    [
      'if (ready && !t.rules.authorizes) connect(t, dial)',
      'if (ready) connect(t, dial)',
      'effect authorize: a function is called anew',
    ],
    [
      "after.dial = { ...dial, phase: 'connecting', startedAt: now, credential, deadlineAt: giveUpAt(t) }",
      "after.dial = { ...dial, phase: 'connecting', credential }",
      'the connect timeout begins with the dial',
    ],
    [
      'stableAt: instantOrNever(now + t.rules.stableMs),',
      'stableAt: null,',
      'law 4: stability has to be earned, and is noticed',
    ],
    [
      'agedAt: instantOrNever(now + t.rules.maxAgeMs * (1 - AGE_SPREAD * roll)),',
      'agedAt: instantOrNever(now + t.rules.maxAgeMs),',
      'connections of a fleet are not replaced together',
    ],
    [
      'agedAt: instantOrNever(now + t.rules.maxAgeMs * (1 - AGE_SPREAD * roll)),',
      'agedAt: null,',
      'the maximum age is due',
    ],
  ]),
  ...mutantsOf('draft.ts', [
    ["if (was) effects.push({ type: 'retire', number: was.number })", '', 'effect retire'],
    ['evidenceUsedAt: retry.evidenceUsedAt,', 'evidenceUsedAt: retry.evidenceAt,', 'what a step does not touch stays'],
  ]),
  ...mutantsOf('ending.ts', [
    [
      "if (after.serving && 'purpose' in was && was.purpose === 'promote' && !refused) {",
      'if (false) {',
      'law 11: a failed promotion costs nothing',
    ],
    [
      "if (after.serving && 'purpose' in was && was.purpose === 'promote' && !refused) {",
      "if (after.serving && 'purpose' in was && !refused) {",
      'law 11: a failed replacement is tried again',
    ],
    [
      "if (after.serving && 'purpose' in was && was.purpose === 'promote' && !refused) {",
      "if (after.serving && 'purpose' in was && was.purpose === 'promote') {",
      'law 6: a credential that is refused on the way up is refused',
    ],
    ['retry.failingSince ??= now', 'retry.failingSince = now', 'the first failure begins the outage, not the last'],
    ["return after.session.everOpen ? 'recover' : 'first'", "return 'recover'", 'purpose of the first dial'],
    [
      "origin: origin ?? (before.intent === 'run' ? found : 'client'),",
      'origin: origin ?? found,',
      'effect disconnected: closed by the app',
    ],
    [
      'if (!silent) after.cause = disconnect',
      'after.cause = disconnect',
      'effect disconnected: silent while another one serves',
    ],
    [
      "if (wait) tell(t, ending, { type: 'retry', inMs: wait.until && wait.until - t.now, by: wait.by }, silent)",
      "if (wait) tell(t, ending, { type: 'retry', inMs: wait.until, by: wait.by }, silent)",
      'effect disconnected: when the retry comes',
    ],
    ["after.intent = 'closed'", "after.intent = 'closing'", 'law 5: one end per life'],
    ["t.effects.push({ type: 'discard' })", '', 'effect discard'],
    ["tell(t, ending, { type: 'stop', by })", "tell(t, ending, { type: 'stop', by }, true)", 'law 5: the end is told'],
    [
      'after.down ??= { since: now, limitedAt: now + LIMITED_AFTER_MS }',
      'after.down = { since: now, limitedAt: now + LIMITED_AFTER_MS }',
      'limited by time since the last traffic',
    ],
    ["if (intent !== 'run') {", 'if (false) {', 'law 5: closing ends in closed'],
    ["after.dial = { ...dial, purpose: 'recover' }", 'after.dial = dial', 'a handover that has to recover'],
    ['if (now - serving.openedAt >= rules.stableMs) forget(t)', '', 'law 4: stable, though the tick was late'],
    ['if (now - serving.openedAt >= rules.stableMs) forget(t)', 'forget(t)', 'law 4: forgotten only when stable'],
    ['retry.attempt++', '', 'law 4: failures are counted'],
    ['session.refusals++', '', 'law 6: refusals are counted'],
    [
      'const unauthorized = refused && (!rules.credentials || session.refusals >= MAX_REFUSALS)',
      'const unauthorized = refused && session.refusals >= MAX_REFUSALS',
      'law 6: nobody can refresh without an auth provider',
    ],
    [
      'const exhausted = retry.attempt > rules.maxAttempts',
      'const exhausted = retry.attempt >= rules.maxAttempts',
      'attempts are used up',
    ],
    [
      "const end = answer === 'stop' ? 'policy' : unauthorized ? 'unauthorized' : exhausted ? 'attempts' : null",
      "const end = unauthorized ? 'unauthorized' : exhausted ? 'attempts' : null",
      'law 5: a policy that says stop',
    ],
    [
      "if (end) tell(t, ending, { type: 'stop', by: end }, true)",
      'if (end) stop(t, ending, end)',
      'a handover that fails does not take down what serves',
    ],
    [
      "else retryAs('purpose' in was ? was.purpose : 'replace', true)",
      'else retryAs(recovery(t), true)',
      'law 1: purposes beside what serves',
    ],
    ['const next = was.transport + 1', 'const next = retry.transport + 1', 'fall-back of a promotion'],
    [
      "if (answer === 'fall-back' && next < rules.transports.length) retry.transport = Math.max(retry.transport, next)",
      "if (answer === 'fall-back') retry.transport = Math.max(retry.transport, next)",
      'fall-back ends at the last transport',
    ],
    [
      "if (refused && session.refusals === 1) hold(t, purpose, now, 'policy')",
      "if (refused) hold(t, purpose, now, 'policy')",
      'law 6: the second refusal waits for a backoff',
    ],
    [
      'else draw(t, purpose, answer, askedDelayMs(ending.code, ending.reason))',
      'else draw(t, purpose, answer)',
      'server delays are honoured',
    ],
    [
      'after.serving = after.dial = after.cause = null',
      'after.dial = after.cause = null',
      'event reconnect: drops what serves',
    ],
    ["if (live) tellWait(t, endingOf(t, live, { origin: 'client' }))", '', 'event reconnect: tells what it dropped'],
    [
      "const found = dialled ? 'dial-failed' : code === ABNORMAL ? 'network' : 'server'",
      "const found = code === ABNORMAL ? 'network' : 'server'",
      'effect disconnected: a dial that failed',
    ],
    [
      "const dialled = was && 'phase' in was && was.phase !== 'greeting'",
      "const dialled = was && 'phase' in was",
      'effect disconnected: one that was up, and not ready',
    ],
    [
      'after.serving = after.dial = after.wait = after.down = after.renewal = null',
      'after.serving = after.dial = after.wait = after.renewal = null',
      'law 1: closed keeps nothing',
    ],
    ["tell(t, endingOf(t, was, facts), { type: 'handover' })", '', 'effect disconnected: the end of what served'],
    [
      "const answer = facts.refused ? 'refresh-auth' : (rules.decide(ending) ?? 'retry')",
      "const answer = facts.refused ? 'refresh-auth' : (rules.decide(ending) ?? rules.decide(ending) ?? 'retry')",
      'law 7: asked once',
    ],
    [
      "const answer = facts.refused ? 'refresh-auth' : (rules.decide(ending) ?? 'retry')",
      "const answer = facts.refused ? 'refresh-auth' : (rules.decide({ ...ending, attempt: 0 }) ?? 'retry')",
      'law 7: shown what is told',
    ],
    ['history: retry.history,', 'history: [],', 'a policy is told what came before'],
    [
      'retry.history = retry.history.slice(1 - HISTORY).concat({ origin, code, openMs, endedAt: t.wall })',
      'retry.history = retry.history.slice(-HISTORY).concat({ origin, code, openMs, endedAt: t.wall })',
      'the history is bounded',
    ],
    [
      'retry.history = retry.history.slice(1 - HISTORY).concat({ origin, code, openMs, endedAt: t.wall })',
      'retry.history = retry.history.slice(1 - HISTORY).concat({ origin, code, openMs, endedAt: now })',
      'the history is in wall time',
    ],
    ["if (before.intent === 'closed') {", 'if (false) {', 'law 4: a new life forgets the attempts'],
    [
      'hold(t, recovery(t), now, by)',
      'after.wait = { purpose: recovery(t), until: now, notBefore: now, by }',
      'law 4: reconnect obeys the dial guard',
    ],
    ['drop(t, dial)', '', 'law 1: reconnect leaks no dial'],
  ]),
]
