import { describe, expect, it } from 'vitest'
import { sources } from './sources.ts'

const all = new Map(sources().map(source => [source.path, source]))

/** The files that are loaded with one. */
function loaded(path: string, known = new Set<string>()): ReadonlySet<string> {
  const source = all.get(path)
  if (!source || known.has(path)) return known
  known.add(path)
  for (const { to, typeOnly } of source.imports) if (!typeOnly) loaded(to, known)
  return known
}

describe('the entry point', () => {
  it('of the package loads no transport but the WebSocket, and no session', () => {
    const files = [...loaded('index.ts')]
    expect(files.filter(path => path.startsWith('transports/')).sort()).toEqual([
      'transports/transport.ts',
      'transports/websocket.ts',
    ])
    expect(files.filter(path => path.startsWith('session/'))).toEqual([])
  })

  it.each(['sse', 'polling'])('%s loads nothing of the client', name => {
    const files = [...loaded(`${name}/index.ts`)]
    expect(files).toContain(`transports/${name}.ts`)
    const folders = new Set(files.map(path => path.split('/')[0]))
    expect([...folders].filter(folder => !['core', 'session', 'transports', name].includes(`${folder}`))).toEqual([])
    expect(files.filter(path => path.startsWith('session/'))).toEqual(['session/frames.ts'])
  })
})
