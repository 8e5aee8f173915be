// `npm run soak`: the session protocol under thousands of faults, with real servers, Redis, nginx and a network that breaks.
import { parseArgs } from 'node:util'
import { deploy } from '../test/soak/deploy.ts'
import type { Ledger } from '../test/soak/ledger.ts'
import { KINDS, type Kind } from '../test/soak/plan.ts'
import { messageLines, soakLines, violationLines } from '../test/soak/report.ts'
import { beyondRetention } from '../test/soak/retention.ts'
import { type RotationOptions, rotation } from '../test/soak/rotation.ts'
import { soak } from '../test/soak/soak.ts'

const USAGE =
  'Usage: npm run soak -- [--clients 50] [--faults 10000] [--seconds 1500] [--seed 1] [--kinds rst,fin,…] [--parts soak,retention,rotation,deploy]'

function fail(sentence: string): never {
  console.error(`${sentence}\n${USAGE}`)
  process.exit(2)
}

function given(): Readonly<Partial<Record<'clients' | 'faults' | 'seconds' | 'seed' | 'kinds' | 'parts', string>>> {
  const text = { type: 'string' } as const
  try {
    return parseArgs({ options: { clients: text, faults: text, seconds: text, seed: text, kinds: text, parts: text } })
      .values
  } catch (error) {
    return fail(error instanceof Error ? error.message : `${error}`)
  }
}

const wanted = given()

function wholeNumber(option: 'clients' | 'faults' | 'seconds' | 'seed', otherwise: number): number {
  const number = Number(wanted[option] ?? otherwise)
  return Number.isSafeInteger(number) && number > 0 ? number : fail(`Expected \`--${option}\` to be a whole number.`)
}

function oneOf<T extends string>(option: 'kinds' | 'parts', known: readonly T[]): readonly T[] {
  return (
    wanted[option]?.split(',').map(name => {
      return (
        known.find(each => each === name) ?? fail(`Expected \`--${option}\` to name ${known.join(', ')}, got ${name}.`)
      )
    }) ?? known
  )
}

const parts = oneOf('parts', ['soak', 'retention', 'rotation', 'deploy'])
const kinds = oneOf<Kind>('kinds', KINDS)
const clients = wholeNumber('clients', 50)
const faults = wholeNumber('faults', 10_000)
const seconds = wholeNumber('seconds', 1_500)
const seed = wholeNumber('seed', 1 + Math.floor(Math.random() * 1_000_000))
let wrong = 0

function print(title: string, lines: readonly string[]): void {
  console.log(`\n${title}\n${lines.map(line => `  ${line}`).join('\n')}`)
}

/** Prints what was found, and remembers whether it is as it must be. */
function judge(title: string, lines: readonly string[], ledger: Ledger, problems: readonly string[]): void {
  print(title, lines)
  wrong += ledger.wrongs + problems.length
  const all = [...problems, ...violationLines(ledger.violations)]
  if (all.length) print('WRONG', all)
}

if (parts.includes('soak')) {
  console.log(`The soak: ${clients} clients, ${faults} faults (${kinds.join(', ')}), seed ${seed}`)
  const progress = (line: string): void => console.log(`  ${line}`)
  const result = await soak({ clients, faults, seconds, seed, kinds, progress })
  const few = kinds.filter(kind => result.plan.count(kind).hits < result.plan.wanted(kind))
  const problems = few.map(kind => `only ${result.plan.count(kind).hits} of ${result.plan.wanted(kind)} ${kind}`)
  judge(`The soak, seed ${seed}`, soakLines(result), result.ledger, problems)
}

if (parts.includes('retention')) {
  const { told, expected, kept, expectedKept } = await beyondRetention()
  const right = `${told}` === `${expected}` && `${kept}` === `${expectedKept}`
  wrong += Number(!right)
  print(
    'Beyond retention',
    right ? [`one gap, before later events: ${told.slice(0, 3).join(', ')}, …`] : ['WRONG', ...told, ...kept],
  )
}

if (parts.includes('rotation')) {
  const modes: readonly Pick<RotationOptions, 'how' | 'everyMs'>[] = [
    { how: 'in-band', everyMs: 1_000 },
    { how: 'second connection', everyMs: 10_000 },
  ]
  for (const mode of modes) {
    const result = await rotation({ ...mode, seconds: 120, perSecond: 200, seed })
    const { renewed, taken, handovers, ledger } = result
    const times = mode.how === 'in-band' ? taken : handovers
    const least = Math.floor((120_000 / mode.everyMs) * 0.8)
    judge(
      `Rotation ${mode.how}, every ${mode.everyMs / 1_000} s for 120 s, 200 messages a second each way`,
      [`${renewed} credentials, ${taken} taken in-band, ${handovers} handovers`, ...messageLines(ledger)],
      ledger,
      times < least ? [`only ${times} rotations, expected ${least}`] : [],
    )
  }
}

if (parts.includes('deploy')) {
  const fleet = 1_000
  // Of the 30 s that a drain takes by default.
  const spreadMs = 24_000
  const { ledger, most, bound, dials, back, late, lateMs } = await deploy({
    clients: fleet,
    spreadMs,
    seed,
    sayEveryMs: 10_000,
  })
  judge(
    `Rolling deploy of two nodes under ${fleet} clients, spread ${spreadMs} ms`,
    [
      `${dials} dials, at most ${most} of them within 100 ms (bound ${bound}), ${back} open at the end, ${late} not handed over in time`,
      `the programs that play the clients were at most ${lateMs.toFixed(0)} ms late`,
      ...messageLines(ledger),
    ],
    ledger,
    [
      ...(most > bound ? [`${most} dials within 100 ms`] : []),
      ...(back < fleet ? [`${fleet - back} clients did not come back`] : []),
    ],
  )
}

console.log(wrong ? `\n${wrong} wrong` : '\nNothing lost, nothing twice.')
process.exit(wrong ? 1 : 0)
