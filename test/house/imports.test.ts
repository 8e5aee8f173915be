import { describe, expect, it } from 'vitest'
import { type Import, parse, type Source, sources } from './sources.ts'

/** A file imports from its own folder and from these. A file name stands for that file alone. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  policies: ['core'],
  // The client imports `websocket.ts` of it and no other: see test/house/entry-points.test.ts.
  transports: ['core', 'session/frames.ts'],
  sse: ['transports'],
  polling: ['transports'],
  session: ['core', 'policies'],
  runtime: ['core', 'policies', 'transports', 'session'],
  client: ['core', 'policies', 'transports', 'session', 'runtime'],
  index: ['core', 'policies', 'transports', 'session', 'runtime', 'client'],
  observe: ['core'],
  inspector: ['core'],
  testing: ['core', 'client', 'transports/transport.ts'],
  'worker-clock': ['core', 'runtime/clock.ts'],
  schema: [],
  server: ['session/frames.ts'],
  conformance: ['session/frames.ts'],
}

/** Beyond that, types alone: a scripted clock and a scripted page have the shapes of the real ones. */
const MAY_IMPORT_TYPES: Readonly<Record<string, readonly string[]>> = {
  testing: ['runtime'],
  schema: ['client'],
}

/** Packages, by folder. Whatever is not named here is not there at run time. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  client: ['mitt'],
  schema: ['zod'],
  server: ['zod', 'ws', 'ioredis'],
  conformance: ['ws'],
}

const folderOf = (path: string): string => path.split('/')[0]?.replace(/\.ts$/, '') ?? ''

/** Whether a file at `path` may import that. */
function allowed(path: string, { to, typeOnly }: Import): boolean {
  const from = folderOf(path)
  if (!to.endsWith('.ts')) {
    return (PACKAGES[from] ?? []).includes(to) || (['server', 'conformance'].includes(from) && to.startsWith('node:'))
  }
  const targets = [...(MAY_IMPORT[from] ?? []), ...((typeOnly && MAY_IMPORT_TYPES[from]) || [])]
  return folderOf(to) === from || targets.includes(folderOf(to)) || targets.includes(to)
}

/** A way from a file back to itself, as the files on it; empty when there is none. Types are gone when the code runs, so they do not count. */
function circle(files: readonly Pick<Source, 'path' | 'imports'>[]): readonly string[] {
  const importsOf = new Map(
    files.map(({ path, imports }) => [path, imports.filter(({ typeOnly }) => !typeOnly).map(({ to }) => to)]),
  )
  const done = new Set<string>()
  function walk(path: string, trail: readonly string[]): readonly string[] {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path]
    if (done.has(path)) return []
    for (const to of importsOf.get(path) ?? []) {
      const found = walk(to, [...trail, path])
      if (found.length) return found
    }
    done.add(path)
    return []
  }
  for (const { path } of files) {
    const found = walk(path, [])
    if (found.length) return found
  }
  return []
}

const all = sources()
const inCore = all.filter(({ path }) => path.startsWith('core/'))

describe('the folders', () => {
  it('are all known, with what they may import', () => {
    expect(all.length).toBeGreaterThan(20)
    expect(new Set(all.map(({ path }) => folderOf(path)).filter(folder => !(folder in MAY_IMPORT)))).toEqual(new Set())
  })

  it('import only from folders to their left', () => {
    const wrong = all.flatMap(({ path, imports }) =>
      imports.filter(imported => !allowed(path, imported)).map(({ to }) => `${path} imports ${to}`),
    )
    expect(wrong).toEqual([])
  })

  it('import one another in no circle', () => {
    expect(circle(all)).toEqual([])
  })

  it('name the file they import, with its ending', () => {
    const known = new Set(all.map(({ path }) => path))
    const dangling = all.flatMap(({ path, imports }) =>
      imports
        .filter(({ to }) => to.includes('/') && !to.startsWith('node:') && !known.has(to))
        .map(({ to }) => [path, to]),
    )
    expect(dangling).toEqual([])
  })
})

describe('a source file', () => {
  it.each(all.map(({ path, text }) => [path, text]))(
    '%s has at most 300 lines and a name in kebab-case',
    (path, text) => {
      expect(text.split('\n').length - 1).toBeLessThanOrEqual(300)
      expect(path).toMatch(/^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*\.ts$/)
    },
  )
})

describe('the core', () => {
  const IMPURE = [
    'Date',
    'performance',
    'setTimeout',
    'setInterval',
    'setImmediate',
    'queueMicrotask',
    'requestAnimationFrame',
    'random',
    'crypto',
    'Promise',
    'async',
    'await',
    'globalThis',
    'window',
    'document',
    'navigator',
    'process',
    'console',
    'fetch',
    'WebSocket',
    'EventTarget',
    'AbortController',
  ]

  it.each(inCore.map(({ path, words }) => [path, words] as const))(
    'has no clock, chance, promise or I/O in %s',
    (_, words) => {
      expect(IMPURE.filter(word => words.has(word))).toEqual([])
    },
  )

  it('imports nothing but itself', () => {
    expect(inCore.flatMap(({ imports }) => imports.filter(({ to }) => folderOf(to) !== 'core'))).toEqual([])
  })
})

describe('this test', () => {
  it('finds an import that points the wrong way, and lets types pass where only types may', () => {
    const value = { typeOnly: false }
    const types = { typeOnly: true }
    expect(allowed('core/state.ts', { to: 'client/options.ts', ...types })).toBe(false)
    expect(allowed('policies/backoff.ts', { to: 'transports/transport.ts', ...types })).toBe(false)
    expect(allowed('testing/index.ts', { to: 'runtime/clock.ts', ...value })).toBe(false)
    expect(allowed('testing/index.ts', { to: 'runtime/clock.ts', ...types })).toBe(true)
    expect(allowed('testing/index.ts', { to: 'transports/websocket.ts', ...types })).toBe(false)
    expect(allowed('observe/log.ts', { to: 'client/status.ts', ...types })).toBe(false)
    expect(allowed('schema/index.ts', { to: 'client/options.ts', ...value })).toBe(false)
    expect(allowed('core/state.ts', { to: 'mitt', ...value })).toBe(false)
    expect(allowed('runtime/clock.ts', { to: 'node:timers', ...value })).toBe(false)
  })

  it('reads every kind of import, and tells types from values', () => {
    const { imports, words } = parse(
      'client/made-up.ts',
      [
        "import mitt, { type Emitter } from 'mitt'",
        "import type { A } from '../core/a.ts'",
        "import { type B, type C } from './b.ts'",
        "import { type D, e } from './d.ts'",
        "export * from './f.ts'",
        "export type { G } from './g.ts'",
        "import './h.ts'",
        "const lazy = async () => import('./i.ts')",
        "// Date in a comment, and 'Promise' in a string, do not count",
      ].join('\n'),
    )
    expect(imports.map(({ to, typeOnly }) => `${to}${typeOnly ? ' (types)' : ''}`)).toEqual([
      'mitt',
      'core/a.ts (types)',
      'client/b.ts (types)',
      'client/d.ts',
      'client/f.ts',
      'client/g.ts (types)',
      'client/h.ts',
      'client/i.ts',
    ])
    expect(['async', 'Date', 'Promise'].filter(word => words.has(word))).toEqual(['async'])
  })

  it('finds a circle', () => {
    const file = (path: string, ...to: string[]) => ({ path, imports: to.map(to => ({ to, typeOnly: false })) })
    expect(circle([file('a.ts', 'b.ts'), file('b.ts', 'c.ts', 'd.ts'), file('c.ts'), file('d.ts', 'b.ts')])).toEqual([
      'b.ts',
      'd.ts',
      'b.ts',
    ])
    expect(circle([file('a.ts', 'b.ts', 'c.ts'), file('b.ts', 'c.ts'), file('c.ts')])).toEqual([])
    const types = { path: 'b.ts', imports: [{ to: 'a.ts', typeOnly: true }] }
    expect(circle([file('a.ts', 'b.ts'), types])).toEqual([])
  })
})
