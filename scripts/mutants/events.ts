import { mutantsOf } from './mutant.ts'

/** Every event, handled a little wrong. */
export const events = mutantsOf('transition.ts', [
  [
    'return react(t, event) === false ? [before, []] : [t.after, t.effects]',
    'return react(t, event) === false ? [t.after, []] : [t.after, t.effects]',
    'law 2: the same state object',
  ],
  [
    "running && dial && dial.phase === phase && 'number' in event && dial.number === event.number ? dial : null",
    "running && dial && dial.phase === phase && 'number' in event ? dial : null",
    'law 2: reports of an earlier dial',
  ],
  [
    "running && dial && dial.phase === phase && 'number' in event && dial.number === event.number ? dial : null",
    "dial && dial.phase === phase && 'number' in event && dial.number === event.number ? dial : null",
    'law 5: no connection comes up while closing',
  ],
  [
    "running && dial && dial.phase === phase && 'number' in event && dial.number === event.number ? dial : null",
    "running && dial && 'number' in event && dial.number === event.number ? dial : null",
    'law 2: reports out of place',
  ],
  [
    "if (intent !== 'closed' || before.connections) return false",
    "if (intent !== 'closed') return false",
    'event start: once',
  ],
  ["begin(t, 'first')", "hold(t, 'first', now, 'app')", 'event start: dials in the very step'],
  [
    "if (running && wait) hold(t, wait.purpose, now, 'app')",
    'if (running && wait) begin(t, wait.purpose)',
    'law 4: retry-now obeys the dial guard',
  ],
  ['else if (!running || hung) restart(t)', 'else if (!running) restart(t)', 'event retry-now: a dial that hangs'],
  [
    'else if (!running || hung) restart(t)',
    'else if (!running || dial) restart(t)',
    'event retry-now: a dial that was only just made',
  ],
  [
    'const hung = !serving && dial && now - dial.startedAt >= HUNG_DIAL_MS ? dial : null',
    'const hung = dial && now - dial.startedAt >= HUNG_DIAL_MS ? dial : null',
    'event retry-now: a slow handover',
  ],
  ['if (!running) return false', '', 'event close: once'],
  ["after.intent = 'closing'", "after.intent = 'closed'", 'event close: not inside of close()'],
  ['after.wait = after.down = null', 'after.down = null', 'law 1: closing waits for nothing'],
  ['if (serving) {', 'if (dial) {', 'law 3: a deadline leaves with its slot'],
  ['after.dial = { ...live, deadlineAt: now }', 'after.dial = live', 'event close: ends in the next task'],
  [
    'if (rules.credentials) hear(event.expiresAt)',
    'hear(event.expiresAt)',
    'law 6: no expiry without an auth provider',
  ],
  [
    'if (usable(t)) connect(t, current)',
    'if (current) connect(t, current)',
    'law 6: an expired credential from the provider',
  ],
  ["after.dial = { ...current, phase: 'greeting' }", 'after.dial = current', 'event connected'],
  ['serve(t, current)', 'connect(t, current)', 'event ready'],
  ['if (!was) return false', 'if (!was) return', 'law 2: a late end'],
  ['if (!running || !serving) return false', 'if (!serving) return false', 'law 5: closing begins no handover'],
  [
    "if (event.purpose !== 'replace' || current.purpose !== 'promote') return false",
    "if (current.purpose !== 'promote') return false",
    'event handover: a weaker purpose',
  ],
  ["after.dial = dial && { ...dial, purpose: 'replace' }", '', 'event handover: a stronger purpose'],
  [
    "} else if (rules.overlaps) hold(t, event.purpose, now, 'policy')",
    '} else if (rules.overlaps) begin(t, event.purpose)',
    'law 4: a handover obeys the dial guard',
  ],
  [
    "} else if (rules.overlaps) hold(t, event.purpose, now, 'policy')",
    "} else if (serving) hold(t, event.purpose, now, 'policy')",
    'event handover: without overlap it retires first',
  ],
  ['if (!rules.credentials) return false', '', 'event renewed: without an auth provider'],
  [
    "if (running && dial?.phase === 'connecting') {",
    'if (running && dial) {',
    'event renewed: a dial that is greeting',
  ],
  [
    "if (running && dial?.phase === 'connecting') {",
    "if (dial?.phase === 'connecting') {",
    'event renewed: while closing',
  ],
  [
    "page.online = signal === 'online' || (page.online && signal !== 'offline')",
    "page.online = signal === 'online' || page.online",
    'event signal: offline',
  ],
  [
    "page.frozen = signal === 'frozen' || (page.frozen && signal !== 'resumed')",
    "page.frozen = signal === 'frozen'",
    'event signal: frozen',
  ],
  ["if (signal === 'visible') page.hiddenSince = null", '', 'event signal: visible'],
  [
    "if (signal === 'hidden') page.hiddenSince ??= now",
    "if (signal === 'hidden') page.hiddenSince = now",
    'event signal: hidden',
  ],
  ['const cameBack = page.online && !before.page.online', 'const cameBack = false', 'event signal: online'],
  [
    'const released = wait?.until === null && !paused(t)',
    'const released = false',
    'event signal: visible and resumed end a pause',
  ],
  [
    "const evidence = cameBack || released || ['woke', 'resumed', 'network-changed'].includes(signal)",
    "const evidence = cameBack || released || ['woke', 'resumed'].includes(signal)",
    'event signal: network-changed',
  ],
  [
    "const evidence = cameBack || released || ['woke', 'resumed', 'network-changed'].includes(signal)",
    'const evidence = true',
    'event signal: what is no evidence',
  ],
  ['if (evidence && hung) {', 'if (evidence && dial) {', 'event signal: a dial that was only just made'],
  [
    "const shorten = evidence && until !== notBefore && (by === 'offline' || evident(t))",
    "const shorten = evidence && (by === 'offline' || evident(t))",
    'what the app wants now',
  ],
  [
    "const shorten = evidence && until !== notBefore && (by === 'offline' || evident(t))",
    'const shorten = evidence && until !== notBefore',
    'evidence once in 10 s',
  ],
  [
    "if (released || paused(t) || shorten) draw(t, purpose, 'retry', null, notBefore)",
    'if (released || paused(t) || shorten) draw(t, purpose)',
    'server delays stand, whatever the network does',
  ],
  [
    "if (intent === 'closed' || serving || (dial && !due(dial.deadlineAt))) return false",
    "if (intent === 'closed' || serving) return false",
    'event tick: closing politely',
  ],
  [
    '} else if (serving && due(serving.stableAt)) {',
    '} else if (serving && due(serving.openedAt)) {',
    'law 4: the stable window',
  ],
  ['forget(t)', '', 'law 4: a stable connection forgets the attempts'],
  [
    "if (by === 'frozen' || (by && wait.by !== 'app')) draw(t, wait.purpose, 'retry', null, wait.notBefore)",
    'if (false) draw(t, wait.purpose)',
    'a page that was hidden for an hour',
  ],
  [
    "if (by === 'frozen' || (by && wait.by !== 'app')) draw(t, wait.purpose, 'retry', null, wait.notBefore)",
    "if (by) draw(t, wait.purpose, 'retry', null, wait.notBefore)",
    'what the app asks for does not wait for somebody to look',
  ],
  [
    "if (event.purpose === 'promote') after.retry.transport = 0",
    '',
    'a promote without overlap goes to the better transport',
  ],
  ['after.down = { ...down, limitedAt: null }', 'after.down = down', 'law 9: progress to limited'],
  [
    "ended(t, dial, { origin: dial.phase === 'authorizing' ? 'provider' : 'dial-timeout' })",
    "ended(t, dial, { origin: 'dial-timeout' })",
    'event tick: a provider that hangs',
  ],
  ["session.credential = 'held'", '', 'event authorized: a fresh credential is held'],
])
