import { inWords, type Place } from './issues.ts'

/** What went wrong: a message that does not fit; a schema that cannot be used where it is; an option that is none. */
export type SchemaErrorCode = 'ERR_INVALID_MESSAGE' | 'ERR_ASYNC_SCHEMA' | 'ERR_OPTION'

/** An error about a typed message: a `code` for programs, and the places where the message is wrong. It never holds the message, nor a part of it. */
export class SchemaError extends Error {
  readonly code: SchemaErrorCode
  /** Where the message is wrong; empty where that is not the matter. At most 100. */
  readonly issues: readonly Place[]

  constructor(code: SchemaErrorCode, message: string, issues: readonly Place[] = [], cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'SchemaError'
    this.code = code
    this.issues = issues
  }
}

/** A message that does not fit. `then`: what became of it. */
export function invalidMessage(
  direction: 'incoming' | 'outgoing',
  version: number | undefined,
  issues: readonly Place[],
  then: string,
): SchemaError {
  const schema = `the \`${direction}\` schema${version === undefined ? '' : ` (version ${version})`}`
  const what = `An ${direction} message does not fit ${schema} at ${inWords(issues)}: ${then}`
  return new SchemaError('ERR_INVALID_MESSAGE', what, issues)
}

/** Tells the platform of an error that was survived. Node 20 has no reportError. */
export function reportToPlatform(error: unknown): void {
  if ('reportError' in globalThis) reportError(error)
  else console.error(error)
}
