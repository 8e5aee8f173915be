/** The browser engines that Holdfast is tested in. */
export type EngineName = 'chromium' | 'firefox' | 'webkit'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The engine that a test runs in. */
    engine: EngineName
  }
}
