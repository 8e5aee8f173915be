// `npm run package`: is what would be published whole, small enough, and usable where people use it?
import { runChecks } from './checks.ts'

await runChecks('package', [
  // `HOLDFAST_BUILT=1`: `npm test` has built it a moment ago.
  ...(process.env.HOLDFAST_BUILT ? [] : [{ name: 'build', command: ['npm', 'run', '--silent', 'build'] } as const]),
  [
    { name: 'publint', command: ['npm', 'run', '--silent', 'publint'] },
    { name: 'types resolve for node16 and bundlers', command: ['npm', 'run', '--silent', 'attw'] },
    { name: 'size budgets', command: ['npm', 'run', '--silent', 'size'] },
    { name: 'the sizes in the README', command: ['npm', 'run', '--silent', 'sizes', '--', '--check'] },
    { name: 'nothing unused', command: ['npm', 'run', '--silent', 'unused'] },
    { name: 'every entry point in bare Node, as ESM', command: ['node', 'test/package/bare-node.mjs'] },
    { name: 'every entry point in bare Node, as CommonJS', command: ['node', 'test/package/bare-node.cjs'] },
    { name: 'the command holdfast-conformance', command: ['node', 'dist/conformance.js', '--help'] },
    { name: 'server-side rendering', command: ['node', 'test/package/server-rendering.mjs'] },
    {
      name: 'snippets of README and docs compile and run, links lead somewhere',
      command: ['npm', 'run', '--silent', 'snippets'],
    },
    { name: 'reference', command: ['npm', 'run', '--silent', 'reference'] },
  ],
])
