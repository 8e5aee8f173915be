import { mutantsOf } from './mutant.ts'

/** How the life of a connection is watched, a little wrong. */
export const liveness = [
  ...mutantsOf('liveness.ts', [
    [
      'return now - Math.max(heart?.since ?? openedAt, Math.min(now, vitals?.heardAt ?? openedAt))',
      'return now - Math.max(openedAt, Math.min(now, vitals?.heardAt ?? openedAt))',
      'silence before waking up does not count',
    ],
    [
      'return now - Math.max(heart?.since ?? openedAt, Math.min(now, vitals?.heardAt ?? openedAt))',
      'return now - Math.max(heart?.since ?? openedAt, vitals?.heardAt ?? openedAt)',
      'nothing was heard in the future',
    ],
    [
      'return fresh >= (heart.flowing ? 1 : REGULAR_MESSAGES) && fresh * OVERDUE_MS >= now - heart.countedAt',
      'return fresh >= REGULAR_MESSAGES && fresh * OVERDUE_MS >= now - heart.countedAt',
      'one message in 3 s keeps it regular',
    ],
    [
      'return fresh >= (heart.flowing ? 1 : REGULAR_MESSAGES) && fresh * OVERDUE_MS >= now - heart.countedAt',
      'return fresh >= (heart.flowing ? 1 : REGULAR_MESSAGES)',
      'regular is every 3 s',
    ],
    [
      'const drains = heart.buffered > BACKLOG_BYTES && buffered < heart.buffered && heart.sleptMs === null',
      'const drains = buffered < heart.buffered && heart.sleptMs === null',
      'only a backlog that drains is a sign of life',
    ],
    [
      'const drains = heart.buffered > BACKLOG_BYTES && buffered < heart.buffered && heart.sleptMs === null',
      'const drains = heart.buffered > BACKLOG_BYTES && buffered < heart.buffered',
      'after a sleep only what is heard is a sign of life',
    ],
    [
      'const drains = heart.buffered > BACKLOG_BYTES && buffered < heart.buffered && heart.sleptMs === null',
      'const drains = false',
      'a backlog that drains is a sign of life',
    ],
    ['const heard = received > heart.received || drains', 'const heard = drains', 'law 10: anything heard is life'],
    [
      "if (heard && heart.sleptMs) effects.push({ type: 'trust', number })",
      "if (heard) effects.push({ type: 'trust', number })",
      'effect trust',
    ],
    ["if (heard && heart.sleptMs) effects.push({ type: 'trust', number })", '', 'effect trust'],
    ['if (heard && !rules.life) {', 'if (false) {', 'nobody watches what lives where there is no heartbeat'],
    ['flowing: flowing || heart.flowing,', 'flowing,', 'regular traffic that stopped'],
    [
      'learntMs: lesson && now - lesson.at <= LESSON_FOR_MS ? lesson.everyMs : null,',
      'learntMs: lesson ? lesson.everyMs : null,',
      'a lesson is forgotten',
    ],
    ['const lookAt = lateMs > LATE_MS ? now + GRACE_MS : now', 'const lookAt = now', 'a late timer grants a second'],
    [
      'const lookAt = lateMs > LATE_MS ? now + GRACE_MS : now',
      'const lookAt = now + GRACE_MS',
      'a punctual timer grants a task',
    ],
    ['return spared', 'return true', 'law 10: dead twice'],
    [
      'const lookAt = beat.ms === null ? null : now + Math.max(beat.ms, LOOK_EVERY_MS)',
      'const lookAt = beat.ms === null ? null : now + beat.ms',
      'no look within 50 ms',
    ],
    [
      "const asked = beat.type === 'ping' && { askedAt: askedAt ?? now, pings: pings + 1 }",
      "const asked = beat.type === 'ping' && { askedAt: now, pings: pings + 1 }",
      'the answer is owed since the first ping',
    ],
    [
      "const asked = beat.type === 'ping' && { askedAt: askedAt ?? now, pings: pings + 1 }",
      "const asked = beat.type === 'ping' && { askedAt: askedAt ?? now, pings: 1 }",
      'pings are counted',
    ],
    ["if (asked) effects.push({ type: 'ping', number })", '', 'effect ping'],
    ['const trusts = !asked && askedAt === null', 'const trusts = false', 'what nobody asks about is trusted'],
    ['const trusts = !asked && askedAt === null', 'const trusts = !asked', 'what owes an answer is not trusted'],
    ["if (trusts && sleptMs) effects.push({ type: 'trust', number })", '', 'effect trust: nobody asks'],
    [
      'if (!heart || heart.askedAt !== null || (heart.lookAt !== null && heart.lookAt <= lookAt)) return false',
      'if (!heart || (heart.lookAt !== null && heart.lookAt <= lookAt)) return false',
      'event stirred: an answer is awaited already',
    ],
    [
      'if (!heart || heart.askedAt !== null || (heart.lookAt !== null && heart.lookAt <= lookAt)) return false',
      'if (!heart || heart.askedAt !== null) return false',
      'event stirred: it is looked at by then anyway',
    ],
    [
      'if (!serving || (vitals && now - vitals.heardAt < Math.max(sleptMs, JUST_HEARD_MS))) return',
      'if (!serving || (vitals && now - vitals.heardAt < JUST_HEARD_MS)) return',
      'what was heard after a sleep is a sign of life',
    ],
    [
      'if (!serving || (vitals && now - vitals.heardAt < Math.max(sleptMs, JUST_HEARD_MS))) return',
      'if (!serving || (vitals && now - vitals.heardAt < sleptMs)) return',
      'what was heard a moment ago is a sign of life',
    ],
    ['if (!sleptMs && heart && heart.sleptMs !== null) return', '', 'a doubt at a time'],
    [
      'if (heart ? !rules.life : !rules.presumes || sleptMs < PRESUMED_DEAD_MS) return',
      'if (heart ? !rules.life : sleptMs < PRESUMED_DEAD_MS) return',
      'nothing is presumed where the app wants the platform',
    ],
    [
      'if (heart ? !rules.life : !rules.presumes || sleptMs < PRESUMED_DEAD_MS) return',
      'if (heart ? !rules.life : !rules.presumes) return',
      'a sleep of a minute',
    ],
    ['const longest = Math.max(sleptMs, heart?.sleptMs ?? 0)', 'const longest = sleptMs', 'the longest sleep counts'],
    [
      'const same = known && Math.abs(silentMs - known.silentMs) <= known.silentMs * LESSON_SPREAD',
      'const same = known',
      'two cuts after the same silence',
    ],
    [
      'if (silentMs < LESSON_FROM_MS || (everyMs !== null && silentMs >= (known?.silentMs ?? 0) && !same)) return',
      'if (everyMs !== null && silentMs >= (known?.silentMs ?? 0) && !same) return',
      'below 10 s nothing is learnt',
    ],
    [
      'if (silentMs < LESSON_FROM_MS || (everyMs !== null && silentMs >= (known?.silentMs ?? 0) && !same)) return',
      'if (silentMs < LESSON_FROM_MS) return',
      'a longer silence unlearns nothing',
    ],
    [
      'after.lesson = { silentMs, at: now, everyMs: same ? Math.max(LESSON_FROM_MS, silentMs / 2) : everyMs }',
      'after.lesson = { silentMs, at: now, everyMs: same ? silentMs / 2 : everyMs }',
      'at most every 10 s',
    ],
    [
      'after.lesson = { silentMs, at: now, everyMs: same ? Math.max(LESSON_FROM_MS, silentMs / 2) : everyMs }',
      'after.lesson = { silentMs, at: now, everyMs: same ? Math.max(LESSON_FROM_MS, silentMs / 2) : null }',
      'a shorter silence unlearns nothing at first',
    ],
    ['if (!same || everyMs !== null) return', 'if (!same) return', 'effect learnt: once'],
  ]),
  ...mutantsOf('transition.ts', [
    [
      'if (serving.heart.sleptMs !== null) examine(serving, event.vitals)',
      'if (false) return',
      'event stirred: it speaks',
    ],
    ['else return hasten(t, event.vitals)', 'else return false', 'event stirred: traffic begins'],
    [
      'after.serving = { ...serving, heart: { ...calm(t, event.vitals), lookAt: now + PING_EVERY_MS } }',
      'after.serving = { ...serving, heart: { ...serving.heart, lookAt: now + PING_EVERY_MS } }',
      'event not-pinged: no answer is owed',
    ],
    [
      "if (serving.heart.sleptMs) effects.push({ type: 'trust', number: serving.number })",
      '',
      'event not-pinged: what waited may go',
    ],
    ["if (signal === 'network-changed') after.lesson = null", '', 'another network has other timeouts'],
    [
      "if (evidence || signal === 'visible') doubt(t, event.sleptMs ?? 0, event.vitals)",
      'if (evidence) doubt(t, event.sleptMs ?? 0, event.vitals)',
      'a page that is looked at again is asked',
    ],
    [
      "if (evidence || signal === 'visible') doubt(t, event.sleptMs ?? 0, event.vitals)",
      "if (signal === 'visible') doubt(t, event.sleptMs ?? 0, event.vitals)",
      'what wakes up is asked',
    ],
    ['examine(serving, event.vitals, event.lateMs)', 'examine(serving, event.vitals)', 'how late the timer was'],
    ['retire(t, was)', '', 'a dead connection is retired'],
  ]),
  ...mutantsOf('ending.ts', [
    [
      "if (was === serving && origin === 'network' && silentMs !== null) learn(t, Math.min(silentMs, now - since))",
      'if (was === serving && silentMs !== null) learn(t, Math.min(silentMs, now - since))',
      'only a cut teaches',
    ],
    [
      "if (was === serving && origin === 'network' && silentMs !== null) learn(t, Math.min(silentMs, now - since))",
      "if (was === serving && origin === 'network' && silentMs !== null) learn(t, silentMs)",
      'a sleep teaches nothing',
    ],
    [
      'silentMs: openMs === null || silentMs == null ? null : Math.min(silentMs, openMs),',
      'silentMs: openMs === null || silentMs == null ? null : silentMs,',
      'no silence is longer than the connection was open',
    ],
  ]),
  ...mutantsOf('dialling.ts', [
    ['heart: t.rules.life && { ...calm(t), lookAt: now },', 'heart: null,', 'what serves is watched'],
    [
      'heart: t.rules.life && { ...calm(t), lookAt: now },',
      'heart: { ...calm(t), lookAt: now },',
      'watched only with a heartbeat',
    ],
  ]),
]
