/**
 * A schema of any library that follows Standard Schema 1 (standardschema.dev): zod 4, valibot, arktype and others. As a
 * shape, so that no library is imported here.
 */
export interface Schema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => Result<Output> | Promise<Result<Output>>
    /** There for the types alone. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** What a schema answers: the value as it makes it, or what is wrong with the one that it was given. */
export type Result<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly RawIssue[] }

/** One thing that is wrong, as the library tells it. */
export interface RawIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

export type TypesOf<S extends Schema> = NonNullable<S['~standard']['types']>

/** What a schema takes. */
export type InputOf<S extends Schema> = TypesOf<S>['input']
/** What it makes of that. */
export type OutputOf<S extends Schema> = TypesOf<S>['output']

/** Whether it can be asked. */
export function isSchema(value: unknown): value is Schema {
  // Some libraries make schemas that are functions.
  const asked = Object(value) === value ? Reflect.get(Object(value), '~standard') : undefined
  return typeof Object(asked).validate === 'function'
}

/** Whether it has to be awaited: a promise of this realm, of another one, or of a library. */
export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
