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
  ['if (serving) {', 'if (dial) {', 'law 3: a deadline leaves with its slot'],
  ['after.dial = { ...live, deadlineAt: now }', 'after.dial = live', 'event close: ends in the next task'],
  [
    'if (usable(t)) connect(t, current)',
    'if (current) connect(t, current)',
    'law 6: an expired credential from the provider',
  ],
  ["after.dial = { ...current, phase: 'greeting' }", 'after.dial = current', 'event connected'],
  ['serve(t, current, event.transport ?? current.transport)', 'connect(t, current)', 'event ready'],
  [
    'serve(t, current, event.transport ?? current.transport)',
    'serve(t, current, current.transport)',
    'event ready: whichever transport was first',
  ],
  ['after.retry.transport = event.transport ?? 0', '', 'event start: what is known to get through'],
  ['if (better >= serving.transport) return false', '', 'law 11: nothing better to look for'],
  ['after.retry.better = better', '', 'event handover: which better one'],
  [
    'if (!running || serving || transport === before.retry.transport || transport >= rules.transports.length)',
    'if (!running || transport === before.retry.transport || transport >= rules.transports.length)',
    'event fall-back: nothing serves',
  ],
  [
    'if (!running || serving || transport === before.retry.transport || transport >= rules.transports.length)',
    'if (!running || serving || transport === before.retry.transport)',
    'event fall-back: there is such a transport',
  ],
  ['after.retry.transport = transport', '', 'event fall-back: from now on'],
  ['drop(t, dial)', 'retire(t, dial)', 'event fall-back: the credential that is fetched is kept'],
  [
    'const at = transport > before.retry.transport ? now : (until ?? now)',
    'const at = now',
    'event fall-back: no hurry on the way up',
  ],
  [
    "if (until !== null) hold(t, purpose, Math.max(at, notBefore), 'policy', notBefore)",
    "if (until !== null) hold(t, purpose, at, 'policy', notBefore)",
    'event fall-back: not before the server wants it',
  ],
  [
    "if (until !== null) hold(t, purpose, Math.max(at, notBefore), 'policy', notBefore)",
    "hold(t, purpose, Math.max(at, notBefore), 'policy', notBefore)",
    'event fall-back: a paused page stays paused',
  ],
  ['if (!was) return false', 'if (!was) return', 'law 2: a late end'],
  [
    "const online = signal === 'online' || (page.online && signal !== 'offline')",
    "const online = signal === 'online' || page.online",
    'event signal: offline',
  ],
  [
    "const frozen = signal === 'frozen' || (page.frozen && signal !== 'resumed')",
    "const frozen = signal === 'frozen'",
    'event signal: frozen',
  ],
  [
    "const hiddenSince = signal === 'visible' ? null : (page.hiddenSince ?? (signal === 'hidden' ? now : null))",
    "const hiddenSince = page.hiddenSince ?? (signal === 'hidden' ? now : null)",
    'event signal: visible',
  ],
  [
    "const hiddenSince = signal === 'visible' ? null : (page.hiddenSince ?? (signal === 'hidden' ? now : null))",
    "const hiddenSince = signal === 'visible' ? null : signal === 'hidden' ? now : page.hiddenSince",
    'event signal: hidden',
  ],
  ['const cameBack = online && !page.online', 'const cameBack = false', 'event signal: online'],
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
  ['after.down = { ...down, limitedAt: null }', 'after.down = down', 'law 9: progress to limited'],
  [
    'after.wait = after.down = after.renewal = null',
    'after.down = after.renewal = null',
    'law 1: closing waits for nothing',
  ],
  [
    "if (!running || !serving || (current && (purpose !== 'replace' || current.purpose !== 'promote'))) return false",
    "if (!serving || (current && (purpose !== 'replace' || current.purpose !== 'promote'))) return false",
    'law 5: closing begins no handover',
  ],
  [
    "if (!running || !serving || (current && (purpose !== 'replace' || current.purpose !== 'promote'))) return false",
    "if (!running || !serving || (current && current.purpose !== 'promote')) return false",
    'event handover: a weaker purpose',
  ],
  ['if (!rules.overlaps && !current) {', 'if (false) {', 'event handover: without overlap it retires first'],
  [
    "if (purpose === 'promote') after.retry.transport = better",
    '',
    'a promote without overlap goes to the better transport',
  ],
  [
    "} else if (purpose === 'replace') replace(t)",
    "} else if (purpose === 'replace') begin(t, purpose)",
    'law 4: a replacement obeys the dial guard',
  ],
  ["else hold(t, purpose, now, 'policy')", 'else begin(t, purpose)', 'law 4: a promotion obeys the dial guard'],
  [
    "if (by === 'frozen' || (by && wait.by !== 'app' && wait.by !== 'rotation'))",
    'if (false)',
    'a page that was hidden for an hour',
  ],
  [
    "if (by === 'frozen' || (by && wait.by !== 'app' && wait.by !== 'rotation'))",
    "if (by && wait.by !== 'rotation')",
    'what the app asks for does not wait for somebody to look',
  ],
  [
    "if (by === 'frozen' || (by && wait.by !== 'app' && wait.by !== 'rotation'))",
    "if (by === 'frozen' || (by && wait.by !== 'app'))",
    'what replaces a connection does not wait for somebody to look',
  ],
  ["const fetching = dial.phase === 'authorizing'", 'const fetching = false', 'event tick: a provider that hangs'],
  ["if (fetching) effects.push({ type: 'abandon' })", '', 'event tick: a provider that hangs is let go'],
])
