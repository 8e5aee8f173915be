/** docs/machine.md, from the comments of the core and from what the machine does. */
import { stateOf } from '../../src/core/state.ts'
import { inUnits, table } from '../markdown.ts'
import { type Documented, laws, limits, slot, union } from './comments.ts'
import { type Edge, explore, publicEdge, STATES, shapeOf, toldOf } from './explore.ts'

const SLOTS = ['Serving', 'Rotation', 'Dial', 'Wait', 'Down', 'Renewal', 'Retry', 'Session', 'Page']

const MEANINGS: Readonly<Record<string, string>> = {
  closed: 'Nothing is tried until `reconnect()`.',
  closing: 'The app has closed, and there is nothing to close: it ends in the next task.',
  serving: 'A connection carries the traffic of the app.',
  authorizing: 'What the dial needs is being fetched.',
  connecting: 'The transport dials.',
  greeting: 'The transport is up, and is being made ready.',
  waiting: 'The next dial has its moment.',
  paused: 'The page is frozen, or was hidden for an hour: no dial until that ends.',
  renewing: 'A credential is being fetched, and no dial waits for it yet.',
}

/** The whole page. */
export function page(): string {
  const edges = explore()
  return `# The machine

<!-- Made by \`npm run docs\` from src/core. A change here is lost; CI fails when the two differ. -->

Everything that Holdfast decides is decided by one pure function, \`transition\`
([src/core/transition.ts](../src/core/transition.ts)). It is given the rules of the app, a state, an event, the time and a
chance, and answers with the next state and a list of effects. This page was made by walking it.

- [Laws](#laws)
- [The six states](#the-six-states)
- [The slots](#the-slots)
- [Events](#events)
- [Effects](#effects)
- [Every edge](#every-edge)
- [Every number](#every-number)

## Laws

Each is a property, tested over random walks of the machine
([test/core/laws.test.ts](../test/core/laws.test.ts)).

${laws()
  .map((law, index) => `${index + 1}. ${law}`)
  .join('\n')}

## The six states

What \`status.state\` shows. An arrow names the events that can take it.

${diagram(edges)}

## The slots

A state is plain data: it can be saved as JSON, and a saved trace can be replayed. \`serving\` and \`dial\` together are a
handover. Instants are monotonic milliseconds unless said.

${fieldTable(slot('MachineState').fields)}

${SLOTS.map(slotSection).join('\n\n')}

## Events

${table(['event', 'carries', 'means'], rowsOf(union('event.ts', 'MachineEvent')))}

## Effects

What the driver is to do, in order.

${table(['effect', 'carries', 'means'], rowsOf(union('effect.ts', 'Effect')))}

## Every edge

From each set of slots that are taken, what leads where and with which effects. In brackets: what a signal says, what a
handover is for, or which connection ended and what the close policy answered. An edge is listed when some state of that
kind takes it. Late reports change nothing (law 2) and are left out, and so is what changes neither slots nor effects.

${edgeSections(edges)}

## Every number

${table(
  ['name', 'value', 'reason'],
  limits().map(({ name, value, comment }) => [`\`${name}\``, inUnits(name, value), comment]),
)}
`
}

function diagram(edges: readonly Edge[]): string {
  const labels = new Map<string, Set<string>>()
  for (const edge of edges) {
    const ends = publicEdge(edge)
    if (!ends) continue
    const key = ends.map(idOf).join(' --> ')
    const [type = ''] = edge.event.split(' ')
    labels.set(key, (labels.get(key) ?? new Set()).add(type))
  }
  const arrows = STATES.flatMap(from =>
    STATES.flatMap(to => {
      const key = `${idOf(from)} --> ${idOf(to)}`
      const types = labels.get(key)
      return types ? `  ${key} : ${[...types].sort().join(', ')}` : []
    }),
  )
  const names = STATES.filter(state => idOf(state) !== state).map(state => `  state "${state}" as ${idOf(state)}`)
  return ['```mermaid', 'stateDiagram-v2', ...names, '  [*] --> closed', ...arrows, '```'].join('\n')
}

/** Mermaid takes no hyphen in a name. */
function idOf(state: string): string {
  return state.replace('-', '_')
}

function slotSection(name: string): string {
  const { comment, fields } = slot(name)
  return `### ${name.toLowerCase()}\n\n${comment}\n\n${fieldTable(fields)}`
}

function fieldTable(fields: readonly Documented[]): string {
  return table(
    ['field', 'type', 'means'],
    fields.map(({ name, text, comment }) => [`\`${name}\``, `\`${text}\``, comment || seeSlot(text)]),
  )
}

/** What a field holds that is a slot of its own. */
function seeSlot(type: string): string {
  const found = SLOTS.find(name => type.split(' | ').includes(name))
  return found ? `[${slot(found).comment}](#${found.toLowerCase()})` : ''
}

function rowsOf(members: readonly Documented[]): readonly (readonly string[])[] {
  return members.map(({ name, text, comment }) => [`\`${name}\``, text && `\`${text}\``, comment])
}

function edgeSections(edges: readonly Edge[]): string {
  const shapes = [...new Set(edges.flatMap(({ from, to }) => [shapeOf(from), shapeOf(to)]))].sort(bySize)
  return shapes
    .map(shape => {
      const own = edges.filter(({ from }) => shapeOf(from) === shape)
      return `### ${shape}\n\n${meaningOf(shape)}\n\n${table(['event', 'leads to', 'effects'], edgeRows(shape, own))}`
    })
    .join('\n\n')
}

/** One row for all events that lead to the same place with the same effects. */
function edgeRows(shape: string, edges: readonly Edge[]): readonly (readonly string[])[] {
  const rows = new Map<string, { readonly events: Set<string>; readonly cells: readonly [string, string] }>()
  for (const { from, event, to, effects } of edges) {
    const shows = stateOf(from) === stateOf(to) ? '' : ` (${stateOf(to)})`
    const place = shapeOf(to) === shape ? `the same${shows}` : shapeOf(to)
    const told = effects.map(toldOf).join(', ')
    if (place === 'the same' && told === '') continue
    const row = rows.get(`${place}|${told}`) ?? { events: new Set(), cells: [place, told] }
    row.events.add(event)
    rows.set(`${place}|${told}`, row)
  }
  return [...rows.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { events, cells }]) => [gathered([...events]), ...cells])
}

/** `signal (woke), signal (online)` as `signal (online, woke)`. */
function gathered(events: readonly string[]): string {
  const details = new Map<string, string[]>()
  for (const event of [...events].sort()) {
    const [, name = event, detail] = /^(\S+ \((?:\w+: )?)(.*)\)$/.exec(event) ?? []
    details.set(name, [...(details.get(name) ?? []), ...(detail ? [detail] : [])])
  }
  return [...details].map(([name, list]) => (list.length ? `${name}${list.join(', ')})` : name)).join('; ')
}

/** One slot first, then two, closing last; otherwise by the alphabet. */
function bySize(a: string, b: string): number {
  const weight = (shape: string): number =>
    shape === 'closed' ? 0 : shape.startsWith('closing') ? 9 : shape.split(' + ').length
  return weight(a) - weight(b) || (a < b ? -1 : 1)
}

function meaningOf(shape: string): string {
  const closing = /^closing \((.*)\)$/.exec(shape)
  if (closing) return `The app has closed while the machine was ${closing[1]}: waiting for the end of that connection.`
  return shape
    .split(' + ')
    .map(part => MEANINGS[part] ?? '')
    .join(' ')
}

/** A number with its unit, as people write it. */
