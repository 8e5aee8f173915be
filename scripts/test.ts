// `npm test`: everything that decides whether a change may land.
import { runChecks } from './checks.ts'
import { ensureChromium } from './find-chromium.ts'

try {
  ensureChromium()
} catch (problem) {
  console.error(problem instanceof Error ? problem.message : problem)
  process.exit(1)
}

await runChecks('test', [
  { name: 'types', command: ['npm', 'run', '--silent', 'types'] },
  { name: 'lint', command: ['npm', 'run', '--silent', 'lint'] },
  {
    name: 'docs/machine.md is what the machine does',
    command: ['node', '--import', 'tsx', 'scripts/machine-docs.ts', '--check'],
  },
  {
    name: 'docs/close-codes.md is what the standard policy answers',
    command: ['node', '--import', 'tsx', 'scripts/close-codes-docs.ts', '--check'],
  },
  {
    name: 'docs/browsers.md is what the contract expects of each browser',
    command: ['node', '--import', 'tsx', 'scripts/browsers-docs.ts', '--check'],
  },
  {
    name: 'docs/pitfalls.md is what the registry of pitfalls says',
    command: ['node', '--import', 'tsx', 'scripts/pitfalls-docs.ts', '--check'],
  },
  { name: 'unit, laws and scenarios', command: ['npx', 'vitest', 'run', '--project', 'unit'] },
  { name: 'build', command: ['npm', 'run', '--silent', 'build'] },
  { name: 'contract and reconnecting, in real browsers', command: ['npm', 'run', '--silent', 'browsers'] },
  {
    name: 'faults, and the demo in a real browser',
    command: ['npx', 'vitest', 'run', '--project', 'faults', '--maxWorkers=3'],
  },
])
