import { mutantsOf } from './mutant.ts'

/** How long it waits, what is due when, and the plain things around the machine: a little wrong. */
export const waiting = [
  ...mutantsOf('waiting.ts', [
    [
      'return now - retry.evidenceAt <= EVIDENCE_FOR_MS && now - retry.evidenceUsedAt >= EVIDENCE_FOR_MS',
      'return now - retry.evidenceAt <= EVIDENCE_FOR_MS',
      'evidence once in 10 s',
    ],
    [
      'return now - retry.evidenceAt <= EVIDENCE_FOR_MS && now - retry.evidenceUsedAt >= EVIDENCE_FOR_MS',
      'return now - retry.evidenceUsedAt >= EVIDENCE_FOR_MS',
      'evidence counts for 10 s',
    ],
    ["if (page.frozen) return 'frozen'", '', 'frozen pages pause'],
    [
      "return page.hiddenSince !== null && now - page.hiddenSince >= HIDDEN_PAUSE_MS ? 'hidden' : null",
      'return null',
      'pages that were hidden for an hour pause',
    ],
    [
      'let floor = Math.max(notBefore, now + Math.min(fixed ? answer.afterMs : (serverMs ?? 0), DELAY_CAP_MS))',
      'let floor = Math.max(notBefore, now + (fixed ? answer.afterMs : (serverMs ?? 0)))',
      'nobody parks a client for longer than 10 min',
    ],
    [
      'let floor = Math.max(notBefore, now + Math.min(fixed ? answer.afterMs : (serverMs ?? 0), DELAY_CAP_MS))',
      'let floor = now + Math.min(fixed ? answer.afterMs : (serverMs ?? 0), DELAY_CAP_MS)',
      'a wait that is drawn anew keeps its floor',
    ],
    ['let until = floor', 'let until = floor + roll', 'a policy names the exact delay'],
    [
      'const local = !fixed && !slow && !by && evident(t)',
      'const local = !fixed && !by && evident(t)',
      'evidence does not hurry what was told to go slow',
    ],
    [
      'until += roll * EVIDENCE_DELAY_MS',
      'until = now + roll * EVIDENCE_DELAY_MS',
      'evidence does not lower what the server asked for',
    ],
    ["if (local && after.wait?.by !== 'offline') {", 'if (local) {', 'evidence is not used up offline'],
    [
      'if (slow) floor = until',
      'if (slow) asked = asked',
      'a slow wait stays slow, whatever the page and the network do',
    ],
    [
      'const local = !fixed && !slow && !by && evident(t)',
      'const local = !fixed && !slow && evident(t)',
      'a pause does not use up the evidence',
    ],
    [
      'const failingMs = failingSince === null ? 0 : now - failingSince',
      'const failingMs = now',
      'what has failed for how long',
    ],
    ['retry.evidenceAt = LONG_AGO', '', 'evidence counts for one wait'],
    ['retry.evidenceUsedAt = now', '', 'evidence once in 10 s'],
    [
      'const failingMs = failingSince === null ? 0 : now - failingSince',
      'const failingMs = 0',
      'law 7: the backoff is asked a true question',
    ],
    [
      'until = Math.max(floor, (serverMs === null ? now : floor) + retry.previousMs)',
      'until = Math.max(floor, now + retry.previousMs)',
      'server delays are spread',
    ],
    ["else asked = serverMs === null ? 'backoff' : 'server'", "else asked = 'backoff'", 'who decided how long'],
    [
      "const sparse = page.online || by === 'app' ? until : (dials.at(-1) ?? LONG_AGO) + OFFLINE_EVERY_MS",
      'const sparse = until',
      'offline: one dial per 30 s',
    ],
    [
      "const sparse = page.online || by === 'app' ? until : (dials.at(-1) ?? LONG_AGO) + OFFLINE_EVERY_MS",
      'const sparse = page.online ? until : (dials.at(-1) ?? LONG_AGO) + OFFLINE_EVERY_MS',
      'offline does not stop the app',
    ],
    [
      'const guarded = (dials.at(-GUARD_DIALS) ?? LONG_AGO) + GUARD_WINDOW_MS',
      'const guarded = (dials.at(1 - GUARD_DIALS) ?? LONG_AGO) + GUARD_WINDOW_MS',
      'the guard lets six through, not five',
    ],
    [
      "if (sparse > until) after.wait = { purpose, until: sparse, notBefore, by: 'offline' }",
      "if (sparse !== until) after.wait = { purpose, until: sparse, notBefore, by: 'offline' }",
      'offline shortens nothing',
    ],
    [
      "if (guarded > Math.max(until, sparse)) after.wait = { purpose, until: guarded, notBefore, by: 'dial-guard' }",
      '',
      'law 4: the dial guard',
    ],
  ]),
  ...mutantsOf('deadline.ts', [
    ["if (intent === 'closing' && !serving && !dial) return 0", '', 'event close: a wait ends in the next task'],
    ['serving?.stableAt ?? Infinity,', '', 'law 3: the stable window is due'],
    ['dial?.deadlineAt ?? Infinity,', '', 'law 3: the connect timeout is due'],
    ['wait?.until ?? Infinity,', '', 'law 3: the next dial is due'],
    ['down?.limitedAt ?? Infinity,', '', 'law 3: limited is due'],
    ['serving?.renewAt ?? Infinity,', '', 'law 3: the renewal is due'],
    ['serving?.agedAt ?? Infinity,', '', 'law 3: the maximum age is due'],
    ['serving?.rotation?.checkAt ?? Infinity,', '', 'law 3: the look for silence is due'],
    ['renewal?.deadlineAt ?? Infinity,', '', "law 3: the end of the provider's time is due"],
  ]),
  ...mutantsOf('state.ts', [
    ['export const LONG_AGO = -1e12', 'export const LONG_AGO = -Infinity', 'law 8: a state survives JSON'],
    ["if (intent !== 'run') return 'closed'", "if (intent === 'closed') return 'closed'", 'state closed'],
    [
      "if (serving) return serving.transport ? 'degraded' : 'open'",
      "if (serving) return 'open'",
      'state degraded, on a fallback',
    ],
    ["if (down?.limitedAt === null) return 'degraded'", '', 'state degraded, limited'],
    ["return session.everOpen ? 'reconnecting' : 'connecting'", "return 'reconnecting'", 'state connecting'],
    [
      "if (session.credential === 'refused' || session.credential === 'expired') return 'auth-refresh'",
      "if (session.credential === 'expired') return 'auth-refresh'",
      'state auth-refresh: refused',
    ],
    [
      "if (session.credential === 'refused' || session.credential === 'expired') return 'auth-refresh'",
      "if (session.credential === 'refused') return 'auth-refresh'",
      'state auth-refresh: expired',
    ],
  ]),
  ...mutantsOf('close-codes.ts', [
    ['export const ABNORMAL = 1006', 'export const ABNORMAL = 1000', 'no close frame is 1006'],
    ['return asked && Number(asked[1]) * 1000', 'return asked && Number(asked[1])', 'the server asks in seconds'],
  ]),
  ...mutantsOf('outbox.ts', [
    [
      "if (queue.length >= maxMessages) return 'maxMessages'",
      "if (queue.length > maxMessages) return 'maxMessages'",
      'the bound in messages',
    ],
    ['bytes -= first?.bytes ?? 0', '', 'taken bytes make room'],
    ['const first = queue.shift()', 'const first = queue.pop()', 'messages keep their order'],
    [
      "if (bytes + queued.bytes > maxBytes) return 'maxBytes'",
      "if (bytes + queued.bytes >= maxBytes) return 'maxBytes'",
      'the bound in bytes',
    ],
    [
      'soonest ??= queue.reduce((least, { expiresAt }) => Math.min(least, expiresAt), Infinity)',
      'soonest ??= Infinity',
      'the next to expire is looked for again',
    ],
    [
      'if (soonest !== undefined) soonest = Math.min(soonest, queued.expiresAt)',
      '',
      'what is added may be the next to expire',
    ],
    [
      'if (first?.expiresAt === soonest && soonest !== Infinity) soonest = undefined',
      '',
      'what was taken expires no more',
    ],
    [
      'for (const queued of queue) (test(queued) ? dropped : kept).push(queued)',
      'for (const queued of queue) (test(queued) ? kept : dropped).push(queued)',
      'what is dropped',
    ],
    ['queue = kept', '', 'what is dropped is gone'],
    ['bytes -= dropped.reduce((sum, queued) => sum + queued.bytes, 0)', '', 'dropped bytes make room'],
    ['if (dropped.length && soonest !== Infinity) soonest = undefined', '', 'what was dropped expires no more'],
  ]),
  ...mutantsOf('trace.ts', [
    [
      'const stored = [...answers]',
      'const stored: (Answer | number | null)[] = []',
      'law 8: stored answers are fed back',
    ],
    [
      "return isBeat(answer) || typeof answer === 'number' ? undefined : (answer ?? undefined)",
      'return undefined',
      'law 8: stored decisions are fed back',
    ],
  ]),
  ...mutantsOf('resilient-error.ts', [
    [
      "const plain = kind === 'number' || kind === 'boolean' || got == null",
      'const plain = true',
      'no secret in an error',
    ],
  ]),
]
