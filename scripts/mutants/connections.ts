import { mutantsOf } from './mutant.ts'

/** How connections come up and end, and what is told of it: a little wrong. */
export const connections = [
  ...mutantsOf('dialling.ts', [
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
      "return session.credential === 'held' && (session.expiresAt === null || session.expiresAt > wall)",
      'return session.expiresAt === null || session.expiresAt > wall',
      'law 6: a refused credential',
    ],
    [
      "return session.credential === 'held' && (session.expiresAt === null || session.expiresAt > wall)",
      "return session.credential === 'held' && (session.expiresAt === null || session.expiresAt >= wall)",
      'law 6: a credential that expires now',
    ],
    [
      'const number = ++after.connections',
      'const number = after.connections || ++after.connections',
      'law 2: every connection has its own number',
    ],
    [".padStart(4, '0')", '', 'connection ids of four digits'],
    [
      "const transport = purpose === 'promote' ? 0 : after.retry.transport",
      'const transport = after.retry.transport',
      'a promotion tries the preferred transport',
    ],
    ['after.wait = null', '', 'law 1: dial and wait exclude each other'],
    [
      'if (usable(t) && !t.rules.authorizes) connect(t, dial)',
      'if (usable(t)) connect(t, dial)',
      'effect authorize: a function is called anew',
    ],
    [
      "else effects.push({ type: 'authorize', number })",
      "else effects.push({ type: 'authorize', number }, { type: 'authorize', number })",
      'law 6: one refresh at a time',
    ],
    [
      "after.dial = { ...dial, phase: 'connecting', startedAt: now, deadlineAt: giveUpAt(t) }",
      "after.dial = { ...dial, phase: 'connecting' }",
      'the connect timeout begins with the dial',
    ],
    [
      'after.retry.dials = after.retry.dials.slice(1).concat(now)',
      'after.retry.dials = after.retry.dials.concat(now)',
      'law 4: the guard counts the last dials',
    ],
    ["effects.push({ type: 'dial', number: dial.number })", '', 'effect dial'],
    ['attempt: retry.attempt,', 'attempt: 0,', 'effect serve: attempt'],
    ['reconnected: session.everOpen,', 'reconnected: true,', 'effect serve: reconnected'],
    ['handover: serving !== null,', 'handover: false,', 'effect serve: handover'],
    ['retire(t, serving)', '', 'law 1: a replaced connection is retired'],
    [
      'after.serving = { number, id, transport, openedAt: now, stableAt: instantOrNever(now + t.rules.stableMs) }',
      'after.serving = { number, id, transport, openedAt: now, stableAt: null }',
      'law 4: stability has to be earned, and is noticed',
    ],
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
  ]),
  ...mutantsOf('draft.ts', [
    [
      'const after = { ...before, retry: { ...retry }, session: { ...session }, page: { ...page } }',
      'const after = { ...before, retry, session: { ...session }, page: { ...page } }',
      'law 8: nothing that is given is changed',
    ],
    ["if (was) effects.push({ type: 'retire', number: was.number })", '', 'effect retire'],
  ]),
  ...mutantsOf('ending.ts', [
    ['retry.failingSince ??= now', 'retry.failingSince = now', 'the first failure begins the outage, not the last'],
    ["return after.session.everOpen ? 'recover' : 'first'", "return 'recover'", 'purpose of the first dial'],
    [
      "const found = openMs === null ? 'dial-failed' : code === ABNORMAL ? 'network' : 'server'",
      "const found = code === ABNORMAL ? 'network' : 'server'",
      'effect disconnected: a dial that failed',
    ],
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
    [
      'after.serving = after.dial = after.wait = after.down = null',
      'after.serving = after.dial = after.wait = null',
      'law 1: closed keeps nothing',
    ],
    ["t.effects.push({ type: 'discard' })", '', 'effect discard'],
    ["tell(t, ending, { type: 'stop', by })", "tell(t, ending, { type: 'stop', by }, true)", 'law 5: the end is told'],
    [
      'after.down ??= { since: now, limitedAt: now + LIMITED_AFTER_MS }',
      'after.down = { since: now, limitedAt: now + LIMITED_AFTER_MS }',
      'limited by time since the last traffic',
    ],
    ["if (intent !== 'run') {", 'if (false) {', 'law 5: closing ends in closed'],
    ["after.dial = { ...dial, purpose: 'recover' }", 'after.dial = dial', 'a handover that has to recover'],
    ["tell(t, ending, { type: 'handover' })", '', 'effect disconnected: the end of what served'],
    ['if (now - serving.openedAt >= rules.stableMs) forget(t)', '', 'law 4: stable, though the tick was late'],
    ['if (now - serving.openedAt >= rules.stableMs) forget(t)', 'forget(t)', 'law 4: forgotten only when stable'],
    [
      "const answer = rules.decide(ending) ?? 'retry'",
      "const answer = rules.decide(ending) ?? rules.decide(ending) ?? 'retry'",
      'law 7: asked once',
    ],
    [
      "const answer = rules.decide(ending) ?? 'retry'",
      "const answer = rules.decide({ ...ending, attempt: 0 }) ?? 'retry'",
      'law 7: shown what is told',
    ],
    ['retry.attempt++', '', 'law 4: failures are counted'],
    ["session.credential = 'refused'", '', 'law 6: a refused credential is known to be'],
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
    ["if (before.intent === 'closed') forget(t)", '', 'law 4: a new life forgets the attempts'],
    [
      'after.serving = after.dial = after.cause = null',
      'after.dial = after.cause = null',
      'event reconnect: drops what serves',
    ],
    [
      "hold(t, recovery(t), now, 'app')",
      "after.wait = { purpose: recovery(t), until: now, notBefore: now, by: 'app' }",
      'law 4: reconnect obeys the dial guard',
    ],
    ['retire(t, dial)', '', 'law 1: reconnect leaks no dial'],
    ["if (live) tellWait(t, endingOf(t, live, { origin: 'client' }))", '', 'event reconnect: tells what it dropped'],
  ]),
]
