// `npm test`: everything that decides whether a change may land.
import { runChecks } from './checks.ts'
import { ensureChromium } from './find-chromium.ts'

try {
  ensureChromium()
} catch (problem) {
  console.error(problem instanceof Error ? problem.message : problem)
  process.exit(1)
}

const ALONE = ['test/faults/nodes/**', 'test/faults/rotation.e2e.test.ts', 'test/faults/transports/**']

await runChecks('test', [
  [
    { name: 'types', command: ['npm', 'run', '--silent', 'types'] },
    {
      name: 'the documents that are made from the code say what it does',
      command: ['npm', 'run', '--silent', 'docs', '--', '--check'],
    },
    { name: 'build', command: ['npm', 'run', '--silent', 'build'] },
    { name: 'lint', command: ['npm', 'run', '--silent', 'lint'] },
  ],
  { name: 'unit, laws and scenarios', command: ['npx', 'vitest', 'run', '--project', 'unit', '--maxWorkers=100%'] },
  { name: 'contract and reconnecting, in real browsers', command: ['npm', 'run', '--silent', 'browsers'] },
  {
    name: 'faults, and the demo in a real browser',
    command: [
      'npx',
      ...['vitest', 'run', '--project', 'faults', '--maxWorkers=3'],
      ...[...ALONE, 'test/leaks/**'].flatMap(path => ['--exclude', path]),
    ],
  },
  // By themselves: what their processes take, the demo would wait for. The two wait for timeouts most of the time.
  [
    {
      name: 'two nodes and one Redis',
      command: [
        'npx',
        ...['vitest', 'run', '--project', 'faults', 'test/faults/nodes', 'test/faults/rotation', '--maxWorkers=1'],
      ],
    },
    {
      name: 'no WebSocket gets through',
      command: [
        'npx',
        ...['vitest', 'run', '--project', 'faults', 'test/faults/transports', '--maxWorkers=4', '--maxConcurrency=10'],
      ],
    },
  ],
  // By themselves: they take all there is, and a demo that waits for its turn is a slow line of another kind.
  { name: 'leaks', command: ['npx', 'vitest', 'run', '--project', 'faults', 'test/leaks', '--maxWorkers=100%'] },
])
