import type { Open } from '../subjects/subject.ts'

function isModule(value: unknown): value is { readonly open: Open } {
  return typeof value === 'object' && value !== null && 'open' in value && typeof value.open === 'function'
}

/** A fresh copy of a library, as every page load makes one: one of the peers draws its jitter once per load. */
export async function fresh(module: string, copy: number): Promise<Open> {
  const loaded: unknown = await import(`${module}?${copy}`)
  if (!isModule(loaded)) throw new Error(`${module} exports no \`open\`.`)
  return loaded.open
}
