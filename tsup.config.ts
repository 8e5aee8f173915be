import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    // The command holdfast-conformance.
    conformance: 'src/conformance/main.ts',
    index: 'src/index.ts',
    observe: 'src/observe/index.ts',
    polling: 'src/polling/index.ts',
    schema: 'src/schema/index.ts',
    server: 'src/server/index.ts',
    session: 'src/session/index.ts',
    sse: 'src/sse/index.ts',
    testing: 'src/testing/index.ts',
    'worker-clock': 'src/worker-clock/index.ts',
    // A script of its own, which imports nothing: what a page whose policy forbids Blobs gives to `new Worker()`.
    'worker-clock.worker': 'src/worker-clock/worker.ts',
  },
  format: ['esm', 'cjs'],
  // #private stays #private: lowered to es2020 it becomes a WeakMap per field.
  target: 'es2022',
  dts: true,
  sourcemap: true,
  splitting: true,
  treeshake: true,
  clean: true,
})
