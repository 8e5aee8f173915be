// What runs in the page: the app, where the test finds it.
import { type AppOptions, startApp } from './app.ts'

Object.assign(globalThis, {
  start: (options: AppOptions) => Object.assign(globalThis, { app: startApp(options) }) && undefined,
})
