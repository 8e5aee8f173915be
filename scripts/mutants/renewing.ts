import { mutantsOf } from './mutant.ts'

/** How credentials are kept fresh, and connections replaced: a little wrong. */
export const renewing = [
  ...mutantsOf('dialling.ts', [
    [
      "return session.credential === 'held' && lives && !renewal",
      'return lives && !renewal',
      'law 6: a refused credential',
    ],
    [
      "return session.credential === 'held' && lives && !renewal",
      "return session.credential === 'held' && !renewal",
      'law 6: an expired credential',
    ],
    [
      "return session.credential === 'held' && lives && !renewal",
      "return session.credential === 'held' && lives",
      'law 6: a credential that is being renewed',
    ],
    [
      'const lives = session.expiresAt === null || session.expiresAt > wall',
      'const lives = session.expiresAt === null || session.expiresAt >= wall',
      'law 6: a credential that expires now',
    ],
    ["session.credential = 'held'", '', 'a fresh credential is held'],
    ['session.expiresAt = expiresAt', '', 'a fresh credential has its own expiry'],
    ['if (!same) session.issued++', 'session.issued++', 'the same credential again is not another one'],
    ['if (!same) session.issued++', '', 'credentials are told apart'],
    [
      'session.renewAt = left === null ? null : t.wall + Math.max(left * RENEW_AT_LIFE, RENEW_EVERY_MS)',
      'session.renewAt = left === null ? null : t.wall + left * RENEW_AT_LIFE',
      'renewals 10 s apart',
    ],
    [
      'return session.renewAt === null ? null : now + Math.max(session.renewAt - wall, RENEW_EVERY_MS)',
      'return session.renewAt === null ? null : now + session.renewAt - wall',
      'renewals of short connections 10 s apart',
    ],
    [
      'return t.now + (left !== null && left > 0 ? Math.max(left / 2, RENEW_EVERY_MS) : RENEW_LATE_MS)',
      'return t.now + (left !== null ? Math.max(left / 2, RENEW_EVERY_MS) : RENEW_LATE_MS)',
      'every 30 s once it has expired',
    ],
    [
      'return t.now + (left !== null && left > 0 ? Math.max(left / 2, RENEW_EVERY_MS) : RENEW_LATE_MS)',
      'return t.now + (left !== null && left > 0 ? left / 2 : RENEW_LATE_MS)',
      'failed renewals 10 s apart',
    ],
    ['const ready = usable(t)', 'const ready = true', 'law 6: dials with what is there'],
    ['credential: after.session.issued,', 'credential: 0,', 'which credential a dial was begun with'],
    [
      'deadlineAt: ready ? giveUpAt(t) : (after.renewal?.deadlineAt ?? now + AUTH_TIMEOUT_MS),',
      'deadlineAt: giveUpAt(t),',
      '10 s for the provider, whatever the connect timeout',
    ],
    [
      'deadlineAt: ready ? giveUpAt(t) : (after.renewal?.deadlineAt ?? now + AUTH_TIMEOUT_MS),',
      'deadlineAt: ready ? giveUpAt(t) : now + AUTH_TIMEOUT_MS,',
      'a renewal does not get its time twice',
    ],
    ['after.wait = after.renewal = null', 'after.wait = null', 'law 6: the dial waits for the renewal'],
    [
      'if (!ready && after.serving) after.serving = { ...after.serving, renewAt: renewalAgain(t) }',
      '',
      'what serves is renewed though the dial failed',
    ],
    [
      "after.dial = { ...dial, phase: 'connecting', startedAt: now, credential, deadlineAt: giveUpAt(t) }",
      "after.dial = { ...dial, phase: 'connecting', startedAt: now, deadlineAt: giveUpAt(t) }",
      'which credential was dialled with',
    ],
    ['credential,', 'credential: 0,', 'which credential serves'],
    [
      'renewAt: after.renewal ? null : renewalDue(t),',
      'renewAt: renewalDue(t),',
      'law 6: none beside the renewal under way',
    ],
  ]),
  ...mutantsOf('renewing.ts', [
    [
      'if (session.renewAt !== null) session.renewAt = wall + RENEW_EVERY_MS',
      '',
      'a provider that fails is asked once in 10 s, however the interface flaps',
    ],
    [
      'if (!serving || serving.renewAt === null || left === null) return',
      'if (!serving || left === null) return',
      'what is not due is not brought forward',
    ],
    ['const due = (session.renewAt ?? 0) - wall', 'const due = 0', '80 % by the wall clock'],
    ['const inMs = due > 0 ? due : Math.max(0, left) * RENEW_AT_LIFE', 'const inMs = due', 'never in the past'],
    [
      'after.serving = { ...serving, renewAt: Math.min(serving.renewAt, now + inMs) }',
      'after.serving = { ...serving, renewAt: now + inMs }',
      'a signal postpones nothing',
    ],
    ['after.renewal = { deadlineAt: now + AUTH_TIMEOUT_MS }', '', 'a renewal has its time'],
    [
      'if (after.serving) after.serving = { ...after.serving, renewAt: null }',
      '',
      'law 9: progress when a renewal is due',
    ],
    ["effects.push({ type: 'renew', fresh })", '', 'effect renew'],
    ['after.renewal = null', '', 'a renewal that failed is over'],
    [
      'if (after.serving) after.serving = { ...after.serving, renewAt: renewalAgain(t) }',
      '',
      'a renewal that failed is tried again',
    ],
    ['if (rules.overlaps) replace(t)', 'if (false) replace(t)', 'with overlaps it hands over'],
    [
      'const soonest = Math.min(latestAt, serving.rotation?.latestAt ?? latestAt)',
      'const soonest = latestAt',
      'the sooner promise stands',
    ],
    [
      'after.serving = { ...serving, rotation: { latestAt: soonest, checkAt: now, traffic: -1 } }',
      'after.serving = { ...serving, rotation: { latestAt: soonest, checkAt: now, traffic: 0 } }',
      'silence takes two looks',
    ],
    [
      "if (!current) hold(t, 'replace', now, 'rotation')",
      "if (!current) hold(t, 'promote', now, 'rotation')",
      'purpose of a rotation',
    ],
    [
      "if (!current) hold(t, 'replace', now, 'rotation')",
      "if (after.dial || !current) hold(t, 'replace', now, 'rotation')",
      'law 1: never a second dial',
    ],
    [
      "after.dial = after.dial && { ...after.dial, purpose: 'replace' }",
      '',
      'event handover: a stronger purpose for a dial',
    ],
    [
      "after.wait = after.wait && { ...after.wait, purpose: 'replace' }",
      '',
      'event handover: a stronger purpose for a wait',
    ],
    [
      "if (now >= rotation.latestAt || (traffic >= 0 && traffic === rotation.traffic)) restart(t, 'rotation')",
      "if (traffic >= 0 && traffic === rotation.traffic) restart(t, 'rotation')",
      'replaced at the latest when it was promised',
    ],
    [
      "if (now >= rotation.latestAt || (traffic >= 0 && traffic === rotation.traffic)) restart(t, 'rotation')",
      "if (now >= rotation.latestAt || traffic === rotation.traffic) restart(t, 'rotation')",
      'bytes on their way are not silence',
    ],
    [
      "if (now >= rotation.latestAt || (traffic >= 0 && traffic === rotation.traffic)) restart(t, 'rotation')",
      'if (now >= rotation.latestAt || (traffic >= 0 && traffic === rotation.traffic)) restart(t)',
      'who replaced it',
    ],
    [
      'const checkAt = Math.min(now + QUIET_MS, rotation.latestAt)',
      'const checkAt = now + QUIET_MS',
      'a look at the very end',
    ],
    [
      'after.serving = { ...serving, rotation: { ...rotation, checkAt, traffic } }',
      'after.serving = { ...serving, rotation: { ...rotation, checkAt } }',
      'what was looked at is remembered',
    ],
    ['t.after.dial = null', '', 'law 1: a dial that is made anew leaves its slot'],
    ['retire(t, dial)', '', 'law 1: a dial that is made anew is not leaked'],
    [
      "hold(t, dial.purpose, t.now, 'rotation')",
      "hold(t, 'recover', t.now, 'rotation')",
      'a dial that is made anew keeps its purpose',
    ],
  ]),
]
