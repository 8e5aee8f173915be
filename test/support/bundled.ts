import { type BuildOptions, build } from 'esbuild'

/** A script in one piece. What is not said otherwise: for browsers. */
export async function bundled(of: BuildOptions): Promise<string> {
  const { outputFiles } = await build({
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    mainFields: ['module', 'main'],
    ...of,
  })
  const [made] = outputFiles ?? []
  if (!made) throw new Error('esbuild made nothing.')
  return made.text
}
