import { mutantsOf } from './mutant.ts'

/** What is known of a credential, and what events say of it: a little wrong. */
export const credentials = [
  ...mutantsOf('transition.ts', [
    [
      'after.wait = after.down = after.renewal = null',
      'after.wait = after.down = null',
      'law 1: a renewal ends with the life',
    ],
    [
      'after.serving = { ...serving, stableAt: null, renewAt: null, agedAt: null, rotation: null, heart: null }',
      'after.serving = { ...serving, stableAt: null }',
      'law 3: closing renews and replaces nothing',
    ],
    [
      'if (rules.credentials && event.expiresAt !== undefined) receive(event.expiresAt, event.same)',
      'if (event.expiresAt !== undefined) receive(event.expiresAt, event.same)',
      'law 6: no expiry without an auth provider',
    ],
    [
      'if (rules.credentials && event.expiresAt !== undefined) receive(event.expiresAt, event.same)',
      'if (rules.credentials) receive(event.expiresAt ?? null, event.same)',
      'event authorized: no credential came with it',
    ],
    [
      "if (session.credential === 'held') session.credential = 'missing'",
      "session.credential = 'missing'",
      'event renew: refused and expired are the worse news',
    ],
    [
      "if (session.credential === 'held') session.credential = 'missing'",
      '',
      'event renew: the credential is not the right one',
    ],
    ['redial(t)', '', 'event renew: a dial under way is not the right one'],
    ['renew(t, true)', 'renew(t, false)', 'event renew: what is being fetched is not good enough'],
    ['renew(t, false)', 'renew(t, true)', 'event tick: what is being fetched is good enough'],
    ['after.renewal = null', '', 'event renewed: the renewal has ended'],
    [
      'const latestAt = now + (expiresAt === null ? ROTATE_WITHIN_MS : Math.max(0, expiresAt - t.wall))',
      'const latestAt = now + ROTATE_WITHIN_MS',
      'rotation by the expiry at the latest',
    ],
    [
      'const latestAt = now + (expiresAt === null ? ROTATE_WITHIN_MS : Math.max(0, expiresAt - t.wall))',
      'const latestAt = now + (expiresAt === null ? ROTATE_WITHIN_MS : expiresAt - t.wall)',
      'rotation at once when it has expired',
    ],
    [
      "if (serving && event.changed) restart(t, 'rotation')",
      "if (serving && event.changed && rules.rotates) restart(t, 'rotation')",
      'another identity, even for who keeps connections',
    ],
    [
      "if (serving && event.changed) restart(t, 'rotation')",
      'if (serving && event.changed) rotate(t, now)',
      'another identity waits for no silence',
    ],
    [
      "if (dial && (event.changed || dial.phase === 'connecting')) redial(t)",
      'if (dial) redial(t)',
      'event renewed: a dial that is greeting',
    ],
    [
      "if (dial && (event.changed || dial.phase === 'connecting')) redial(t)",
      "if (dial?.phase === 'connecting') redial(t)",
      'event renewed: a dial for another identity',
    ],
    [
      'if (rules.rotates && !event.same) rotate(t, latestAt)',
      'if (rules.rotates) rotate(t, latestAt)',
      'the same credential again replaces nothing',
    ],
    ['if (rules.rotates && !event.same) rotate(t, latestAt)', 'if (!event.same) rotate(t, latestAt)', 'rules.rotates'],
    ['if (!renewal) return false', '', 'event not-renewed: none was under way'],
    [
      'if (!running || !rules.credentials) return false',
      'if (!running) return false',
      'event signed-out: without an auth provider',
    ],
    [
      'if (!running || !rules.credentials) return false',
      'if (!rules.credentials) return false',
      'event signed-out: closing and closed',
    ],
    ["session.credential = 'missing'", '', 'event signed-out: nothing is held'],
    ['session.expiresAt = null', '', 'event signed-out: nothing expires'],
    ['retire(t, serving)', '', 'event signed-out: leaks no connection'],
    [
      "stop(t, endingOf(t, serving ?? dial, { origin: 'client' }), 'signed-out')",
      "stop(t, endingOf(t, serving ?? dial, { origin: 'client' }), 'app')",
      'event signed-out: who ended it',
    ],
    [
      "stop(t, endingOf(t, serving ?? dial, { origin: 'client' }), 'signed-out')",
      "stop(t, endingOf(t, dial ?? serving, { origin: 'client' }), 'signed-out')",
      'event signed-out: which connection it ended',
    ],
    ['awake(t)', '', 'event signal: the clock stood still'],
    ['drop(t, hung)', 'retire(t, hung)', 'a refresh that was begun is not begun again'],
    ['} else if (renewal && due(renewal.deadlineAt)) {', '} else if (false) {', 'a provider that hangs is let go'],
    ["if (dial?.phase === 'authorizing') redial(t)", '', 'law 6: one refresh at a time'],
    ['after.serving = { ...serving, agedAt: null }', '', 'law 9: progress when a connection is too old'],
    ['rotate(t, now + ROTATE_WITHIN_MS)', 'rotate(t, now)', 'an old connection waits for silence too'],
    ['lookForQuiet(t, event.traffic ?? -1)', 'lookForQuiet(t, event.traffic ?? 0)', 'what nobody said is not silence'],
    [
      'if (running && serving) after.serving = { ...serving, renewAt: renewalDue(t) }',
      'if (serving) after.serving = { ...serving, renewAt: renewalDue(t) }',
      'law 3: closing renews nothing',
    ],
    [
      'if (running && serving) after.serving = { ...serving, renewAt: renewalDue(t) }',
      '',
      'the fresh credential is renewed too',
    ],
  ]),
  ...mutantsOf('draft.ts', [
    [
      "if (credential === 'held' && expiresAt !== null && expiresAt <= wall) after.session.credential = 'expired'",
      '',
      'state auth-refresh: what has expired is known to have',
    ],
    [
      "if (credential === 'held' && expiresAt !== null && expiresAt <= wall) after.session.credential = 'expired'",
      "if (credential === 'held' && expiresAt !== null && expiresAt < wall) after.session.credential = 'expired'",
      'state auth-refresh: what expires now',
    ],
    [
      "if (dial?.phase !== 'authorizing' || !t.rules.credentials) return",
      'if (!dial || !t.rules.credentials) return',
      'only what was being fetched goes on',
    ],
    [
      "if (dial?.phase !== 'authorizing' || !t.rules.credentials) return",
      "if (dial?.phase !== 'authorizing') return",
      'law 6: no renewal without an auth provider',
    ],
    [
      'if (deadlineAt !== null && deadlineAt > t.now) t.after.renewal = { deadlineAt }',
      'if (deadlineAt !== null) t.after.renewal = { deadlineAt }',
      'what is overdue is let go',
    ],
    ["else t.effects.push({ type: 'abandon' })", '', 'what is overdue is let go, and said so'],
  ]),
  ...mutantsOf('ending.ts', [
    [
      'refusals: rules.credentials ? session.refusals : null,',
      'refusals: session.refusals,',
      'refusals are of an auth provider',
    ],
    [
      'after.serving = after.dial = after.wait = after.down = after.renewal = null',
      'after.serving = after.dial = after.wait = after.down = null',
      'law 1: closed renews nothing',
    ],
    [
      "const answer = facts.refused ? 'refresh-auth' : (rules.decide(ending) ?? 'retry')",
      "const answer = rules.decide(ending) ?? 'retry'",
      'law 6: refused again without a dial',
    ],
    [
      "if (was.credential === session.issued) session.credential = 'refused'",
      "session.credential = 'refused'",
      'law 6: a fresher credential is not to blame',
    ],
    [
      "if (was.credential === session.issued) session.credential = 'refused'",
      '',
      'law 6: a refused credential is known to be',
    ],
    ["t.effects.push({ type: 'refuse', number: was.number })", '', 'effect refuse'],
    ["if (rules.credentials) after.session.credential = 'missing'", '', 'a new life asks the provider again'],
    [
      "if (rules.credentials) after.session.credential = 'missing'",
      "after.session.credential = 'missing'",
      'law 6: nothing to ask for without an auth provider',
    ],
    ['drop(t, dial)', 'retire(t, dial)', 'a reconnect waits for a refresh under way'],
  ]),
]
