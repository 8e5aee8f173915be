/** A small change to the core that some test must notice. */
export interface Mutant {
  /** In src/core. */
  readonly file: string
  /** A whole line as it stands there, without its indentation. It must occur exactly once. */
  readonly line: string
  /** What stands there instead; nothing: the line is left out. */
  readonly replacement: string
  /** The law, number, event or effect that it breaks. */
  readonly breaks: string
}

/** The mutants of one file: line, replacement, what it breaks. */
export function mutantsOf(
  file: string,
  edits: readonly (readonly [line: string, replacement: string, breaks: string])[],
): readonly Mutant[] {
  return edits.map(([line, replacement, breaks]) => ({ file, line, replacement, breaks }))
}
