import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type BuildOptions, build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))

async function bundle(source: string, options: BuildOptions): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: here, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    mainFields: ['module', 'main'],
    ...options,
  })
  return outputFiles?.[0]?.text ?? ''
}

/** What an app ships for an import: minified, and gzip -9 of that. */
export async function shipped(source: string): Promise<{ readonly minified: number; readonly gzipped: number }> {
  const bytes = Buffer.from(await bundle(source, { minify: true, platform: 'browser' }))
  return { minified: bytes.length, gzipped: gzipSync(bytes, { level: 9 }).length }
}

/** A script for the browser. */
export const browserScript = (source: string): Promise<string> =>
  bundle(source, { platform: 'browser', format: 'iife' })

/** Writes a module for Node and returns its path. Not minified; What apps install beside Holdfast stays what it is. */
export async function nodeModule(name: string, source: string): Promise<string> {
  const outfile = `${here}.cache/${name}.mjs`
  await bundle(source, {
    platform: 'node',
    external: ['ws', 'undici', 'zod', 'ioredis', 'socket.io'],
    write: true,
    outfile,
  })
  return outfile
}
