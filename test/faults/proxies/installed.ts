import { existsSync } from 'node:fs'

/** The path that was asked for, else the first that exists. One that was asked for is not replaced in silence. */
export function firstOf(asked: string | undefined, usual: readonly string[]): string | undefined {
  return (asked ? [asked] : usual).find(path => existsSync(path))
}
