// `npm run package`: is what would be published whole, small enough, and usable where people use it?
import { runChecks } from './checks.ts'

await runChecks('package', [
  { name: 'build', command: ['npm', 'run', '--silent', 'build'] },
  { name: 'publint', command: ['npx', 'publint', '--strict'] },
  { name: 'types resolve for node16 and bundlers', command: ['npx', 'attw', '--pack', '.', '--profile', 'node16'] },
  { name: 'size budgets', command: ['npx', 'size-limit'] },
  { name: 'nothing unused', command: ['npx', 'knip'] },
  { name: 'every entry point in bare Node, as ESM', command: ['node', 'test/package/bare-node.mjs'] },
  { name: 'every entry point in bare Node, as CommonJS', command: ['node', 'test/package/bare-node.cjs'] },
  { name: 'server-side rendering', command: ['node', 'test/package/server-rendering.mjs'] },
  { name: 'snippets of README and docs compile', command: ['node', '--import', 'tsx', 'scripts/snippets.ts'] },
  { name: 'reference', command: ['npx', 'typedoc'] },
])
