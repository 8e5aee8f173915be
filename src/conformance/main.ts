#!/usr/bin/env node
/** The command `holdfast-conformance` (docs/protocol.md): checks a server, and ends with what it found. */
import { argv, env, exit, stdout } from 'node:process'
import { HELP, orderOf } from './arguments.ts'
import { conformance, lineOf, sumOf } from './run.ts'
import { socketFactory } from './socket.ts'

const NOTHING_CHECKED = 2

function say(text: string): void {
  stdout.write(`${text}\n`)
}

async function main(): Promise<number> {
  const order = orderOf(argv.slice(2), env)
  if (order.type === 'help') {
    say(HELP)
    return 0
  }
  if (order.type === 'mistake') {
    say(`${order.message}\n\n${HELP}`)
    return NOTHING_CHECKED
  }
  const socket = await socketFactory()
  if (!socket) {
    say('There is no WebSocket in this version of Node: npm install ws')
    return NOTHING_CHECKED
  }
  const outcomes = await conformance({ ...order.settings, socket }, order.selection, outcome => say(lineOf(outcome)))
  if (outcomes.length === 0) {
    say('No rule has such a number or name. Without --only all are checked.')
    return NOTHING_CHECKED
  }
  say(`\n${sumOf(outcomes)}`)
  return outcomes.some(({ verdict }) => verdict === 'failed') ? 1 : 0
}

// Connections that a server does not close must not keep the script alive.
void main().then(code => stdout.write('', () => exit(code)))
