import { issuesOf, placesOf } from './issues.ts'
import { invalidMessage, SchemaError } from './schema-error.ts'
import { isThenable, type Schema } from './standard.ts'

/**
 * The message as its schema makes it.
 *
 * @throws SchemaError `ERR_INVALID_MESSAGE` when it does not fit, `ERR_ASYNC_SCHEMA` when the schema has to be awaited.
 */
export function checked(schema: Schema, message: unknown, version: number | undefined): unknown {
  const result = schema['~standard'].validate(message)
  if (isThenable(result)) {
    // Nobody awaits it.
    Promise.resolve(result).catch(() => {})
    throw new SchemaError(
      'ERR_ASYNC_SCHEMA',
      'The `outgoing` schema is async, and messages would overtake one another: await what it needs before you send.',
    )
  }
  if (!result.issues) return result.value
  throw invalidMessage('outgoing', version, placesOf(issuesOf(result.issues)), 'it was not sent.')
}

/** A value as JSON. @throws SchemaError `ERR_INVALID_MESSAGE` when it cannot be written so. */
export function json(value: unknown): string {
  let text: string | undefined
  let cause: unknown
  try {
    text = JSON.stringify(value)
  } catch (thrown) {
    cause = thrown
  }
  if (text !== undefined) return text
  const message = 'What the `outgoing` schema gives is no JSON: it was not sent. Give `serialize`, or another schema.'
  throw new SchemaError('ERR_INVALID_MESSAGE', message, [], cause)
}

/** What a text holds. @throws SyntaxError, or TypeError for bytes. */
export function fromJson(data: unknown): unknown {
  if (typeof data !== 'string') throw new TypeError('Binary: give `parse`, which may be async.')
  return JSON.parse(data)
}
